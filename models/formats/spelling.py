# SPDX-License-Identifier: GPL-3.0-or-later
"""ARKit's channels in the spellings that files use: ``EyeBlinkLeft``, ``eyeBlink_L``."""

from __future__ import annotations

from collections.abc import Sequence

from ..arkit import CHANNELS
from ..errors import FormatError

_BY_FOLDED = {name.casefold(): name for name in CHANNELS}
_SIDES = {"_l": "left", "_r": "right", ".l": "left", ".r": "right"}


def channel_of(name: str) -> str | None:
    """The ARKit channel that a name stands for, in any spelling of case and side."""
    folded = name.strip().casefold()
    side = _SIDES.get(folded[-2:])
    if side is not None:
        folded = folded[:-2] + side
    return _BY_FOLDED.get(folded.replace("_", ""))


def with_short_sides(channel: str) -> str:
    """A channel as Face Cap and iFacialMocap spell it: ``eyeBlink_L``.

    A channel whose name is a side, such as ``jawLeft``, keeps it: it has no other one to be.
    """
    if channel in ("jawLeft", "jawRight", "mouthLeft", "mouthRight"):
        return channel
    for side in ("Left", "Right"):
        if channel.endswith(side) and channel in CHANNELS:
            return f"{channel[: -len(side)]}_{side[0]}"
    return channel


def channels_of(names: Sequence[str], file: str) -> tuple[str, ...]:
    """Names as a performance has them: ARKit's spelling, others as they are.

    Raises FormatError if two of them are one channel, or there is none of ARKit's.
    """
    result = tuple(channel_of(name) or name for name in names)
    for place, name in enumerate(result):
        if name in result[:place]:
            raise FormatError(f"“{file}” has two columns for “{name}”; remove one.")
    if not any(name in CHANNELS for name in result):
        raise FormatError(
            f"“{file}” has no face channel of ARKit's, such as “jawOpen”; "
            "choose a recording of a face."
        )
    return result
