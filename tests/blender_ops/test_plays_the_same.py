"""Few keys look like a key a frame: the benchmark itself, on a few small frames."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from mien.models import rotation
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance
from mien.models.recipe import Recipe
from mien.models.take import write_take

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "ssim_of_keys.py"


@pytest.fixture(scope="module")
def take(tmp_path_factory):
    """Two seconds in which the face and the head move all the time."""
    times = np.arange(61) / 30
    random = np.random.default_rng(3)
    speed, phase = random.uniform(2, 12, 52), random.uniform(0, 6, 52)
    weights = 0.25 - 0.25 * np.cos(times[:, None] * speed + phase)
    angles = 0.3 * np.sin(times[:, None] * (3, 4, 5) + (0.1, 0.2, 0.3))
    head = np.column_stack([rotation.from_yaw_pitch_roll(angles), np.zeros((61, 3))])
    folder = tmp_path_factory.mktemp("take") / "take"
    performance = Performance(weights, times, CHANNELS, head=head)
    write_take(folder, performance, recipe=Recipe())
    return folder


@pytest.mark.parametrize(("tolerance", "code"), [("0.005", 0), ("0.4", 1)])
def test_every_frame_looks_the_same(take, tolerance, code):
    command = [sys.executable, BENCHMARK, take, "--tolerance", tolerance]
    command += ["--size", "128", "--every", "17"]
    result = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    assert result.returncode == code, result.stdout + result.stderr
    assert "4 frames" in result.stdout and "lowest" in result.stdout
