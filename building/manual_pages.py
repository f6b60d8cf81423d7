# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual's pages as they travel in a zip: web pages made of `docs/manual/*.md`.

    python building/manual_pages.py TARGET

Run by the Python of the build's environment, which has the library `markdown`.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import markdown

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "manual"
PICTURES = ROOT / "docs" / "images" / "manual"

FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title} – Mien</title>
<style>
body {{ max-width: 44rem; margin: 2.5rem auto; padding: 0 1.2rem; color: #222;
  font: 1.05rem/1.6 system-ui, sans-serif; }}
h1, h2, h3 {{ line-height: 1.25; }}
h2 {{ margin-top: 2.2rem; }}
a {{ color: #1f5fa8; }}
img {{ max-width: 100%; border-radius: 6px; }}
code, kbd {{ background: #f0f0f0; padding: 0.1em 0.35em; border-radius: 4px; font-size: 0.9em; }}
pre {{ background: #f0f0f0; padding: 0.8rem 1rem; border-radius: 6px; overflow-x: auto; }}
pre code {{ background: none; padding: 0; }}
table {{ border-collapse: collapse; }}
td, th {{ text-align: left; vertical-align: top; padding: 0.3rem 1rem 0.3rem 0;
  border-bottom: 1px solid #ddd; }}
nav {{ font-size: 0.9rem; }}
@media (prefers-color-scheme: dark) {{
  body {{ background: #1d1d1d; color: #ddd; }}
  a {{ color: #7ab0ea; }}
  code, kbd, pre {{ background: #2c2c2c; }}
  td, th {{ border-color: #444; }}
}}
</style>
</head>
<body>
<nav><a href="index.html">Mien’s manual</a></nav>
{body}
</body>
</html>
"""


def write_pages(target: Path) -> list[Path]:
    """Make the pages and copy their pictures; the pages' files."""
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for source in sorted(PAGES.glob("*.md")):
        page = target / f"{source.stem}.html"
        page.write_text(page_of(source.read_text(encoding="utf-8")), encoding="utf-8")
        written.append(page)
    if PICTURES.is_dir():
        shutil.copytree(PICTURES, target / "images", dirs_exist_ok=True)
    return written


def page_of(text: str) -> str:
    """A web page of a page's Markdown."""
    title = re.search(r"^# (.+)$", text, re.M)
    body = markdown.markdown(text, extensions=["tables", "fenced_code", "toc"])
    body = re.sub(r'href="([\w-]+)\.md(#[\w-]+)?"', r'href="\1.html\2"', body)
    body = body.replace('src="../images/manual/', 'src="images/')
    return FRAME.format(title=title[1] if title else "Manual", body=body)


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
