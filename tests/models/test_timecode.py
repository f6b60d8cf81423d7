import pytest
from hypothesis import given
from hypothesis import strategies as st
from mien.models.errors import FormatError
from mien.models.timecode import DAY, seconds, split, timecode


@given(st.integers(0, DAY * 60000 - 1))
def test_a_timecode_comes_back_to_the_thousandth_of_a_frame(ticks):
    assert round(seconds(timecode(ticks / 60000)) * 60000) == ticks


@given(st.floats(-1e6, 1e6, allow_nan=False), st.sampled_from([24, 25, 30, 60]))
def test_every_time_has_a_timecode_of_one_day(time, base):
    whole, frames = split(timecode(time, base))
    assert 0 <= whole < DAY
    assert 0 <= frames < base


def test_frames_may_have_a_fraction():
    assert split("11:25:20:22.440") == (11 * 3600 + 25 * 60 + 20, 22.44)
    assert seconds("00:00:01:15", 30) == 1.5


@pytest.mark.parametrize(
    "text", ["", "now", "1:2:3", "00:00:00;00", "00:60:00:00", "-1:00:00:00", "0:0:0:0:0"]
)
def test_what_is_no_timecode_is_refused(text):
    with pytest.raises(FormatError):
        split(text)
