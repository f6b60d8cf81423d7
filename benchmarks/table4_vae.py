# SPDX-License-Identifier: GPL-3.0-or-later
"""Table 4: expressions and motions out of the autoencoders, beside the obvious alternatives.

    .venv/bin/python -m mien.benchmarks.table4_vae --data DIR [--json FILE] [--plain DIR]

Everything is measured at 30 fps. The plain autoencoder is trained in this run (some minutes,
needs torch) unless its folder is given by --plain and holds it already.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from mien.models.evaluate.manifold import nearest, sample_figures
from mien.models.vae.runtime import ExpressionModel

from .autoencoders import motions
from .autoencoders.baselines import Components, gaussian, mixture
from .autoencoders.takes import Takes, expressions, frames, load

PLAIN = Path(__file__).resolve().parent / "autoencoders" / "plain.toml"
LATENTS = 16
DRAWS = 5
ACTIVE = 0.1
# Figures of the measuring protocol: eval RMSE by components, and of the training mean.
PUBLISHED = {8: 0.0834, 12: 0.0681, 16: 0.0538, 24: 0.0336}
PUBLISHED_MEAN = 0.166
Sampler = Callable[[int, np.random.Generator], np.ndarray]


def rmse(one: np.ndarray, other: np.ndarray) -> float:
    """Root mean square difference, in weights."""
    return float(np.sqrt(np.mean(np.square(one - other))))


def check_baselines(takes: Takes) -> list[dict]:
    """The published figures beside this machine's; they must agree before others count."""
    train, eval_frames = frames(takes.train), frames(takes.eval, mirrored=False)
    rows = [
        {
            "method": f"PCA {count}",
            "eval rmse": rmse(Components.of(train, count).reconstructed(eval_frames), eval_frames),
            "published": published,
        }
        for count, published in PUBLISHED.items()
    ]
    mean = rmse(train.mean(axis=0), eval_frames)
    rows.append({"method": "training mean", "eval rmse": mean, "published": PUBLISHED_MEAN})
    for row in rows:
        row["off by"] = row["eval rmse"] / row["published"] - 1
        if abs(row["off by"]) > 0.05:
            raise SystemExit(f"{row['method']} is not what was published: {row}")
    return rows


def reconstruction(takes: Takes, model: ExpressionModel, plain: ExpressionModel) -> list[dict]:
    """There and back, with 16 numbers a frame."""
    components = Components.of(frames(takes.train), LATENTS)
    held_out = frames(takes.held_out, mirrored=False)
    eval_frames = frames(takes.eval, mirrored=False)
    methods = {
        "PCA 16": components.reconstructed,
        "plain VAE": lambda values: plain.decode(plain.encode(values)[0]),
        "Mien": lambda values: model.decode(model.encode(values)[0]),
    }
    return [
        {
            "method": name,
            "eval rmse": rmse(run(eval_frames), eval_frames),
            "held-out rmse": rmse(run(held_out), held_out),
        }
        for name, run in methods.items()
    ]


def sampling(takes: Takes, model: ExpressionModel, plain: ExpressionModel) -> list[dict]:
    """Samples against the frames of the held-out blocks, means of several draws."""
    real, spaced, train = (
        expressions(takes.held_out),
        expressions(takes.kept),
        frames(takes.kept),
    )
    components = Components.of(train, LATENTS)
    latents = components.encode(train)
    one, many = gaussian(latents), mixture(latents, 64, 0)
    single = gaussian(np.asarray(model.encode(train)[0], np.float64))

    def resampled(count: int, random: np.random.Generator) -> np.ndarray:
        return spaced[random.choice(len(spaced), count, replace=False)]

    def normal(count: int, random: np.random.Generator) -> np.ndarray:
        return plain.decode(random.standard_normal((count, plain.size)))

    samplers: dict[str, Sampler] = {
        "training frames, resampled": resampled,
        "PCA 16, Gaussian": lambda n, random: components.decode(one.sample(n, random)),
        "PCA 16, mixture of 64": lambda n, random: components.decode(many.sample(n, random)),
        "plain VAE, N(0, I)": normal,
        "Mien, one Gaussian": lambda n, random: model.decode(single.sample(n, random)),
        "Mien": lambda n, random: model.decode(model.sample(n, random)),
    }
    expected = nearest(real, train).mean()
    rows = []
    for name, draw in samplers.items():
        random = np.random.default_rng(1)
        drawn = [draw(len(real), random) for _ in range(DRAWS)]
        every = [sample_figures(real, samples) for samples in drawn]
        row: dict = {"method": name}
        row |= {figure: float(np.mean([one[figure] for one in every])) for figure in every[0]}
        row["nearest"] = float(np.mean([nearest(one, train).mean() for one in drawn]) / expected)
        rows.append(row)
    best = rows[0]
    for row in rows:
        row["precision, of what real frames reach"] = row["precision"] / best["precision"]
        row["coverage, of what real frames reach"] = row["coverage"] / best["coverage"]
    return rows


def latents_used(takes: Takes, model: ExpressionModel) -> list[dict]:
    """How much each latent says of the training frames, in nats."""
    mean, log_variance = model.encode(frames(takes.kept))
    each = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).mean(axis=0)
    return [
        {
            "active latents": int((each > ACTIVE).sum()),
            "of": model.size,
            "least": float(each.min()),
            "median": float(np.median(each)),
            "most": float(each.max()),
        }
    ]


def speed(model: ExpressionModel) -> list[dict]:
    """Milliseconds for one expression, the best of five hundreds."""
    latent = model.sample(1, np.random.default_rng(0))
    times = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(100):
            model.decode(latent)
        times.append((time.perf_counter() - began) / 100 * 1000)
    return [{"milliseconds a decode": min(times)}]


def plain_model(data: Path, folder: Path) -> ExpressionModel:
    """The plain autoencoder of that folder, trained there if it is not."""
    if not (folder / "expression.onnx").is_file():
        from mien.models.vae.config import read_autoencoder_configuration
        from mien.models.vae.publish import train_autoencoder

        configuration = read_autoencoder_configuration(PLAIN)
        train = data / "performances" / "train"
        train_autoencoder([train], folder, configuration, "none", threads=1)
    return ExpressionModel(folder)


def as_markdown(tables: dict[str, list[dict]]) -> str:
    """One table a part."""
    lines = []
    for title, rows in tables.items():
        names = list(rows[-1])
        lines += [f"\n**{title}**\n", "| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
        for row in rows:
            lines.append("| " + " | ".join(_cell(row.get(name)) for name in names) + " |")
    return "\n".join(lines)


def _cell(value: float | str | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:.4g}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, help="folder of weights; Mien's own if not given")
    parser.add_argument("--plain", type=Path, help="folder of the plain autoencoder")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    takes = load(options.data)
    tables = {"check": check_baselines(takes)}
    model = ExpressionModel(options.weights)
    with tempfile.TemporaryDirectory() as passing:
        plain = plain_model(options.data, options.plain or Path(passing))
        tables["expressions: reconstruction"] = reconstruction(takes, model, plain)
        tables["expressions: samples against held-out frames"] = sampling(takes, model, plain)
    tables["expressions: latents"] = latents_used(takes, model)
    tables["expressions: speed"] = speed(model)
    print(as_markdown(tables), flush=True)
    moving = motions.measure(takes, model, options.weights)
    print(as_markdown(moving))
    if options.json:
        text = json.dumps({**tables, **moving}, indent=2, ensure_ascii=False)
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
