# SPDX-License-Identifier: GPL-3.0-or-later
"""Timecode ``HH:MM:SS:FF.mmm`` to seconds and back."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .errors import FormatError

DAY = 24 * 60 * 60
"""Seconds after which a timecode starts again at 00:00:00:00."""

_PATTERN = re.compile(r"\s*(\d{1,2}):(\d{1,2}):(\d{1,2}):(\d{1,3}(?:\.\d*)?)\s*")


def split(text: str) -> tuple[int, float]:
    """Whole seconds since midnight, and frames, of a timecode.

    Frames may have a fraction: ``22.440`` is 44 % of the way from frame 22 to 23.
    Raises FormatError if the text is no timecode.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise FormatError(f"“{text[:40]}” is not a timecode such as 13:04:31:22.440.")
    hours, minutes, seconds = (int(part) for part in match.groups()[:3])
    if minutes > 59 or seconds > 59:
        raise FormatError(f"“{text[:40]}” is not a time of day; minutes and seconds end at 59.")
    return hours * 3600 + minutes * 60 + seconds, float(match[4])


def seconds(text: str, base: int = 60) -> float:
    """Seconds since midnight of a timecode that counts `base` frames to a second."""
    whole, frames = split(text)
    return whole + frames / base


def timecode(time: float, base: int = 60) -> str:
    """The timecode of seconds since midnight, to a thousandth of a frame.

    Times beyond a day, or before midnight, wrap around.
    """
    thousandths = round(time * base * 1000) % (DAY * base * 1000)
    whole, rest = divmod(thousandths, base * 1000)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02d}:{minute:02d}:{second:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def apart(start: float, end: float) -> float:
    """Seconds from one time of day to another, at most half a day forward or back.

    A take may begin before midnight and another one after it.
    """
    return (end - start + DAY / 2) % DAY - DAY / 2


def earliest(times: Iterable[float]) -> float:
    """Of times of one shoot, the one that all others follow, also across midnight.

    There the longest stretch of the day without any of them ends. Raises ValueError if there
    are no times.
    """
    ordered = sorted(times)
    gaps = [(time - ordered[i - 1]) % DAY or DAY for i, time in enumerate(ordered)]
    return ordered[gaps.index(max(gaps))]
