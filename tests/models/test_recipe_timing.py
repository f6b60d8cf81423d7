"""When something happens after a recipe."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance
from mien.models.recipe import Recipe, Step, evaluate
from mien.models.recipe_timing import Timing, timing_of, used_part

TRIMS = st.builds(
    lambda start, end: Step("trim", {"start": start, "end": end}),
    st.floats(0, 0.8),
    st.none() | st.floats(-0.8, -0.01) | st.floats(2, 5),
)
RETIMES = st.builds(lambda speed: Step("retime", {"speed": speed}), st.floats(0.8, 1.25))


def performance_with_its_time():
    """Ten seconds whose first channel says what time it is, as a share of all."""
    times = np.arange(1201) / 120
    weights = np.zeros((len(times), len(CHANNELS)), np.float32)
    weights[:, 0] = times / 10
    return Performance(weights, times)


@settings(max_examples=60, deadline=None)
@given(st.lists(TRIMS | RETIMES, max_size=4), st.floats(0, 1))
def test_timing_says_where_the_recipe_puts_a_moment(steps, where):
    made = evaluate(Recipe(tuple(steps)), performance_with_its_time())
    timing = timing_of(steps)
    seconds = where * made.duration
    shown = float(np.interp(seconds, made.times, made.weights[:, 0])) * 10
    assert shown == pytest.approx(timing.before(seconds), abs=2e-3 * (len(steps) + 1))
    assert timing.after(timing.before(seconds)) == pytest.approx(seconds)
    first, last = used_part(steps, 10.0)
    assert made.weights[0, 0] * 10 == pytest.approx(first, abs=2e-3 * (len(steps) + 1))
    # Every trim ends on a sample.
    ends = max(len(steps), 1) * (1 / 120 + 2e-3)
    assert made.weights[-1, 0] * 10 == pytest.approx(last, abs=ends)


def test_muted_steps_do_nothing():
    muted = [Step("trim", {"start": 1.0, "end": 2.0}, muted=True), Step("retime", {"speed": 2.0})]
    assert timing_of(muted) == Timing(0.0, 2.0)
    assert used_part(muted, 5.0) == (0.0, 5.0)
