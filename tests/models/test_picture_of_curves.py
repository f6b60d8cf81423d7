"""Which curves are drawn, and where."""

import numpy as np
from mien.models.curves.picture import most_moving, picture
from mien.models.performance import Performance

CHANNELS = ("jawOpen", "browInnerUp", "mouthFunnel", "cheekPuff")
TIMES = np.arange(50) / 25
WEIGHTS = 0.5 - 0.5 * np.cos(TIMES[:, None] * 3) * (0.2, 0.9, 0.5, 0)
MOVING = Performance(WEIGHTS, TIMES, CHANNELS)
BLUE = (90, 190, 235)


def rows_of(pixels, color):
    """The heights at which a colour is seen, from above, in each column."""
    return [np.flatnonzero((column == color).all(axis=1)) for column in pixels.swapaxes(0, 1)]


def test_those_that_move_most_come_first():
    assert most_moving(MOVING, CHANNELS, 2) == ("browInnerUp", "mouthFunnel")
    assert most_moving(MOVING, CHANNELS, 9) == ("browInnerUp", "mouthFunnel", "jawOpen")
    assert most_moving(MOVING, ("cheekPuff", "eyeBlinkLeft"), 3) == ("cheekPuff",)


def test_a_curve_is_high_where_its_weight_is():
    rising = Performance(np.linspace(0, 1, 50)[:, None], TIMES, ("jawOpen",))
    heights = rows_of(picture(rising, rising, ("jawOpen",), (200, 100)), BLUE)
    first, last = heights[20].mean(), heights[180].mean()
    assert first > 80 and last < 40
    middles = [each.mean() for each in heights[15:185]]
    assert np.all(np.diff(middles) <= 0.51)


def test_a_shorter_after_ends_earlier():
    short = Performance(WEIGHTS[:25], TIMES[:25], CHANNELS)
    heights = rows_of(picture(MOVING, short, ("browInnerUp",), (200, 100)), BLUE)
    assert len(heights[60]) and not len(heights[150])
