# SPDX-License-Identifier: GPL-3.0-or-later
"""How a report looks, in light and dark, on paper and on a telephone."""

STYLE = """
:root{color-scheme:light dark;--back:#f6f6f7;--card:#fff;--text:#1d1f23;--dim:#666b75;
--line:#dfe1e6;--soft:#eef0f3;--made:#2563c9;--seen:#a3a8b3;--good:#23784a;--bad:#b3332f;
--warn:#8a5a00}
@media(prefers-color-scheme:dark){:root{--back:#17181b;--card:#1f2125;--text:#e6e7ea;--dim:#9aa0ab;
--line:#34373d;--soft:#292c31;--made:#6fa4f5;--seen:#6b717c;--good:#5fc08c;--bad:#f0837e;
--warn:#dfb25c}}
*{box-sizing:border-box}
body{font:15px/1.45 system-ui,sans-serif;background:var(--back);color:var(--text);
max-width:84rem;margin:0 auto;padding:1.6rem 1rem 4rem}
h1{font-size:1.5rem;margin:0;overflow-wrap:anywhere}
h2{font-size:1.02rem;margin:0;overflow-wrap:anywhere}a{color:inherit}
header{margin-bottom:1.2rem}header p{margin:.3rem 0 0;color:var(--dim)}
.bar{display:flex;height:.4rem;border-radius:.2rem;overflow:hidden;margin-top:.8rem;
background:var(--bad)}.bar i{background:var(--good)}
header nav{margin-top:.7rem;color:var(--bad);overflow-wrap:anywhere}
section{background:var(--card);border:1px solid var(--line);border-radius:.5rem;margin:.7rem 0;
padding:.8rem 1rem;break-inside:avoid;content-visibility:auto;contain-intrinsic-size:auto 21rem}
section.failed{border-left:.25rem solid var(--bad)}
.top{display:flex;gap:.7rem;align-items:baseline;margin-bottom:.6rem}
.state{font-size:.8rem;font-weight:600;flex:none}
.done .state{color:var(--good)}.failed .state{color:var(--bad)}
.row{display:grid;grid-template-columns:minmax(15rem,19rem) minmax(0,1fr);gap:1.4rem}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.1rem .9rem;margin:0;
align-content:start;font-size:.9rem}
dt{color:var(--dim)}dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.strip{display:flex;gap:.25rem;overflow:hidden}
.strip img{border-radius:.25rem;height:96px;min-width:0;flex:0 1 auto;object-fit:cover}
.curves{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:.5rem 1rem;margin-top:.7rem}
figure{margin:0;min-width:0}figcaption{display:flex;justify-content:space-between;
font-size:.8rem;color:var(--dim)}figcaption b{color:var(--text);font-weight:600}
svg{display:block;width:100%;height:56px;background:var(--soft);border-radius:.25rem}
svg polyline{fill:none;stroke-linejoin:round;vector-effect:non-scaling-stroke}
svg .seen{stroke:var(--seen);stroke-width:1}svg .made{stroke:var(--made);stroke-width:1.6}
svg .lost{fill:var(--bad);opacity:.18}
.legend{font-size:.8rem;color:var(--dim);margin:.35rem 0 0}
.legend i{display:inline-block;width:1.1rem;height:2px;vertical-align:middle;margin:0 .3rem 0 0}
.legend i.two{margin-left:.9rem}
.error,.notes{margin:.7rem 0 0;font-size:.9rem;overflow-wrap:anywhere}
.error{color:var(--bad);white-space:pre-wrap}.notes{color:var(--warn);padding-left:1.1rem}
.failed .row:empty{display:none}
@media(max-width:56rem){.row{grid-template-columns:minmax(0,1fr)}}
@media(max-width:34rem){.curves{grid-template-columns:minmax(0,1fr)}}
"""
