import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from mien.models.arkit import CHANNELS, REGIONS, mirrored, region_of
from mien.models.errors import PerformanceError
from mien.models.performance import Performance


def performance(frames=3, **changes):
    values = {
        "weights": np.linspace(0, 1, frames * len(CHANNELS)).reshape(frames, -1),
        "times": np.arange(frames) / 30,
    }
    return Performance(**{**values, **changes})


def test_there_are_52_channels_each_in_one_region_and_with_its_mirror():
    assert len(CHANNELS) == len(set(CHANNELS)) == 52
    assert sorted(name for names in REGIONS.values() for name in names) == sorted(CHANNELS)
    assert all(mirrored(mirrored(name)) == name and mirrored(name) in CHANNELS for name in CHANNELS)
    assert region_of("noseSneerLeft") == "nose"


def test_arrays_are_copied_typed_and_read_only():
    weights = np.zeros((2, 52))
    made = performance(2, weights=weights)
    weights[0, 0] = 1
    assert made.weights.dtype == np.float32
    assert made.weights[0, 0] == 0
    with pytest.raises(ValueError):
        made.weights[0, 0] = 1


def test_the_first_frame_is_time_zero():
    made = performance(3, times=[5.0, 5.5, 6.5])
    assert made.times.tolist() == [0.0, 0.5, 1.5]
    assert made.duration == 1.5


def test_confidence_is_full_unless_said_otherwise():
    assert performance(2).seen.tolist() == [True, True]
    assert performance(2, confidence=[1, 0]).seen.tolist() == [True, False]


@pytest.mark.parametrize(
    "changes",
    [
        {"weights": np.zeros((0, 52)), "times": []},
        {"weights": np.full((3, 52), np.nan)},
        {"weights": np.zeros((3, 51))},
        {"weights": "no numbers"},
        {"times": [0, 1]},
        {"times": [0, 1, 1]},
        {"times": [0, 1, np.inf]},
        {"channels": ("jawOpen",) * 52},
        {"head": np.zeros((3, 7))},
        {"head": np.ones((3, 6))},
        {"head": np.ones((2, 7))},
        {"eyes": np.zeros((3, 3))},
        {"confidence": np.ones((3, 5))},
    ],
)
def test_what_does_not_fit_is_refused(changes):
    with pytest.raises(PerformanceError):
        performance(**changes)


def test_quaternions_become_unit():
    head = np.tile([2.0, 0, 0, 0, 1, 2, 3], (3, 1))
    assert performance(head=head).head[0].tolist() == [1, 0, 0, 0, 1, 2, 3]


def test_an_unknown_channel_is_named():
    with pytest.raises(PerformanceError, match="jawWobble"):
        performance().channel("jawWobble")


@settings(max_examples=30, deadline=None)
@given(
    weights=hnp.arrays(np.float32, (4, 52), elements=st.floats(-1, 2, width=32)),
    frame=st.integers(0, 3),
    column=st.integers(0, 51),
)
def test_equal_means_equal_in_everything(weights, frame, column):
    one, same = (performance(4, weights=weights) for _ in range(2))
    other = weights.copy()
    other[frame, column] += 0.25
    assert one == same and hash(one) == hash(same)
    assert one != performance(4, weights=other)
    assert one != one.replace(times=[0, 1, 2, 3.5])
