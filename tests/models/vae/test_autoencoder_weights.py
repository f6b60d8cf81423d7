# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights that Mien ships: what they promise, on a performer they never saw."""

import time

import numpy as np
import pytest
from mien.models.evaluate.manifold import sample_figures
from mien.models.training.card import read_card
from mien.models.training.clips import MIRROR, held_out, kept, load_clips
from mien.models.vae.config import read_autoencoder_configuration
from mien.models.vae.runtime import FOLDER, ExpressionModel, MotionModel, fingerprint

NAMES = ["expression", "motion"]


@pytest.fixture(scope="module")
def expressions():
    return ExpressionModel()


@pytest.fixture(scope="module")
def motions():
    return MotionModel()


@pytest.fixture(scope="module")
def unseen(shared):
    return load_clips([shared / "performances" / "eval"], 30.0)


def rmse(one, other):
    return float(np.sqrt(np.mean(np.square(one - other))))


@pytest.mark.shared
def test_sixteen_latents_say_nearly_all_of_a_strangers_face(expressions, unseen):
    frames = np.concatenate([clip.weights for clip in unseen])
    assert expressions.size == 16
    assert rmse(expressions.decode(expressions.encode(frames)[0]), frames) <= 0.027


@pytest.mark.shared
def test_samples_are_as_real_as_other_frames_of_the_performers(expressions, shared):
    clips = load_clips([shared / "performances" / "train"], 30.0)

    def spaced(parts):
        values = np.concatenate([part.weights[::3] for part in parts])
        return np.concatenate([values, values[:, MIRROR]])

    real = spaced([block for clip in clips for block in held_out(clip)])
    train = spaced([part for clip in clips for part in kept(clip)])
    random = np.random.default_rng(0)
    reached = sample_figures(real, train[random.choice(len(train), len(real), replace=False)])
    samples = expressions.decode(expressions.sample(len(real), random))
    figures = sample_figures(real, samples)
    assert figures["precision"] >= 0.8 * reached["precision"]
    assert figures["coverage"] >= 0.65 * reached["coverage"]


@pytest.mark.shared
def test_a_strangers_motion_goes_there_and_back(motions, unseen):
    for clip in unseen:
        still = np.zeros((len(clip.weights), 3))
        motion = np.concatenate([clip.weights, still], axis=1)
        decoded = motions.decode_long(motions.encode_long(motion))[: len(motion)]
        assert rmse(decoded[:, :52], clip.weights) < 0.05
        assert np.abs(decoded[:, 52:]).max() < 0.1


def test_a_long_sampled_motion_shows_no_joins(motions):
    motion = motions.decode_long(motions.sample_long(60, np.random.default_rng(1)))
    jerk = np.abs(np.diff(motion[:, :52], 3, axis=0)).mean(axis=1)
    places = np.arange(len(jerk)) + 1.5
    near = np.abs((places + motions.hop / 2) % motions.hop - motions.hop / 2) <= 2
    assert jerk[near].mean() <= 1.2 * jerk[~near].mean()


def test_a_sampled_face_moves_and_so_does_its_head(motions):
    motion = motions.decode_long(motions.sample_long(40, np.random.default_rng(0)))
    assert motion[:, :52].std(axis=0).mean() > 0.03
    assert 0.005 < motion[:, 52:].std() < 0.3


def test_an_expression_is_decoded_in_half_a_millisecond(expressions):
    latent = expressions.sample(1, np.random.default_rng(0))
    times = []
    for _ in range(200):
        began = time.perf_counter()
        expressions.decode(latent)
        times.append(time.perf_counter() - began)
    assert np.median(times) < 0.0005


def test_the_weights_are_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 5_000_000


@pytest.mark.parametrize("name", NAMES)
def test_the_cards_say_what_the_weights_are(name):
    card = read_card(FOLDER / f"{name}.onnx")
    assert len(card.data) == 4
    assert all("MIT" in one["licence"] for one in card.data)
    assert not any("MySlate_16" in one["name"] for one in card.data)
    assert card.licence == "GPL-3.0-or-later"
    assert card.sha256 in fingerprint()
    configuration = read_autoencoder_configuration(name)
    assert card.configuration["training"] == vars(configuration.training)
    assert card.figures["active latents"] >= 0.75 * configuration.network.latents
