# SPDX-License-Identifier: GPL-3.0-or-later
"""Table 3, what earned its place: the same short training, one part changed at a time.

    .venv/bin/python -m mien.benchmarks.table3_ablation --data DIR --runs DIR --json FILE

Needs torch. Every variant has the same seed, the same windows and the same number of steps
(--epochs of --steps; much less than the shipped weights had). Measured on the validation
blocks of the training recordings, damaged in all ways at once. Variants that the JSON file
holds already are not trained again.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from mien.models.evaluate import metrics
from mien.models.gan import losses
from mien.models.gan.config import RefinerConfiguration, read_refiner_configuration
from mien.models.gan.damage import PROTOCOL
from mien.models.gan.examples import draw_examples
from mien.models.gan.network import Discriminator
from mien.models.gan.train import Refiner, train
from mien.models.training.batches import generator as randomness
from mien.models.training.clips import load_clips

replace = dataclasses.replace
_DAMAGE = "all"
_JUDGE_STEPS = 150


def variants(base: RefinerConfiguration) -> dict[str, RefinerConfiguration]:
    """The adversary's own configuration, and that with one thing changed."""
    weights, judge, training = base.losses, base.discriminator, base.training
    return {
        "as configured": base,
        "no adversary": replace(
            base, losses=replace(weights, adversarial=0.0, feature_matching=0.0)
        ),
        "no feature matching": replace(base, losses=replace(weights, feature_matching=0.0)),
        "no gradient penalty": replace(base, losses=replace(weights, gradient_penalty=0.0)),
        "with spectral normalisation": replace(
            base, discriminator=replace(judge, spectral_normalisation=True)
        ),
        "with batch normalisation": replace(
            base, generator=replace(base.generator, batch_normalisation=True)
        ),
        "no gradient clipping": replace(base, training=replace(training, gradient_clip=1e9)),
        "one time scale": replace(base, discriminator=replace(judge, scales=1)),
        "one learning rate": replace(
            base,
            training=replace(
                training, discriminator_learning_rate=training.generator_learning_rate
            ),
        ),
        "constant rates": replace(base, training=replace(training, final_learning_rate=1.0)),
        "no weight on peaks": replace(base, losses=replace(weights, peaks=0.0)),
    }


def measured(module: Refiner) -> dict[str, float]:
    """RMSE, jitter and velocity spectrum on the validation blocks; how well it is told apart."""
    pairs = [
        (module.refine_evidence(shown), true)
        for shown, true in module.validation_shown(PROTOCOL[_DAMAGE])
    ]
    return {
        "rmse": float(np.sqrt(np.mean([np.square(a - b).mean() for a, b in pairs]))),
        "jitter": float(
            np.mean([metrics.jitter(a) for a, _ in pairs])
            / np.mean([metrics.jitter(b) for _, b in pairs])
        ),
        "velocity spectrum": metrics.velocity_spectrum_distance(
            np.concatenate([a for a, _ in pairs]), np.concatenate([b for _, b in pairs])
        ),
        "told apart": told_apart(module, pairs),
    }


def told_apart(module: Refiner, pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
    """Accuracy on the validation blocks of a fresh discriminator trained on the training ones.

    0.5: it cannot tell refined from real.
    """
    torch.manual_seed(0)
    judge = Discriminator(module.configuration.discriminator)
    steps = torch.optim.AdamW(judge.parameters(), 1e-3, betas=(0.5, 0.99))
    for step in range(_JUDGE_STEPS):
        batch = draw_examples(module.stretches, module.configuration, randomness(99, 0, step))
        tensors = {name: torch.as_tensor(values) for name, values in batch.items()}
        with torch.no_grad():
            names = ("motion", "confidence", "noise", "curve", "shared")
            refined = module.average(*(tensors[name] for name in names)).clamp(0, 1)
        loss = losses.discriminator_adversarial(judge(tensors["true"])[0], judge(refined)[0])
        steps.zero_grad()
        loss.backward()
        steps.step()
    right = []
    with torch.no_grad():
        for refined_block, true in pairs:
            for motion, real in ((refined_block, False), (true, True)):
                logits, _ = judge(torch.as_tensor(motion.T[None], dtype=torch.float32))
                mean = torch.stack([one.mean() for one in logits]).mean()
                right.append(bool(mean > 0) == real)
    return float(np.mean(right))


def main() -> None:
    """Train and measure what is not measured yet, and print all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=Path, required=True, help="folder for the runs")
    parser.add_argument("--json", type=Path, required=True, help="file of the figures")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--steps", type=int, default=100, help="steps an epoch")
    parser.add_argument("--width", type=int, default=64, help="channels of a hidden layer")
    options = parser.parse_args()
    base = read_refiner_configuration("adversary")
    base = replace(
        base,
        generator=replace(base.generator, width=options.width),
        losses=replace(base.losses, relative_from_epoch=options.epochs),
        training=replace(
            base.training,
            epochs=options.epochs,
            falling_epochs=options.epochs,
            steps_per_epoch=options.steps,
            adversary_from_epoch=options.epochs // 2,
            generator_learning_rate=0.002,
        ),
    )
    clips = load_clips([options.data / "performances" / "train"])
    done = json.loads(options.json.read_text()) if options.json.is_file() else {}
    for name, configuration in variants(base).items():
        if name not in done:
            module = train(Refiner(configuration, clips, options.runs / name.replace(" ", "-")))
            done[name] = measured(module.eval())
            options.json.write_text(json.dumps(done, indent=2) + "\n")
        print(
            f"| {name} | " + " | ".join(f"{v:.4g}" for v in done[name].values()) + " |", flush=True
        )


if __name__ == "__main__":
    main()
