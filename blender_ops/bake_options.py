# SPDX-License-Identifier: GPL-3.0-or-later
"""How a performance becomes keys: the choices of a bake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..models.errors import MienError

Head = Literal["BONE", "EMPTY", "NONE", "AUTO"]
EyesBy = Literal["AUTO", "BONES", "KEYS"]

# The joints between skull and axis make 71 ± 9 % of a turn of the head, the neck below them
# the rest (8 people, X-rays from two sides: "In vivo primary and coupled segmental motions of
# the healthy female head-neck complex during dynamic head axial rotation", Journal of
# Biomechanics 123, 2021).
NECK_SHARE = 0.3


# A turn of the head moves the whole face: by a quarter of a tolerance in radians about as
# far as a whole one in weight moves a part of it.
HEAD_SHARE = 0.25


class BakeError(MienError):
    """A performance cannot be baked with these options."""


@dataclass(frozen=True)
class BakeOptions:
    """How a performance becomes keys.

    start_frame: the scene frame of the performance's second 0.
    subframes: key every sample at its own time, instead of the scene's whole frames.
    tolerance: how far a curve may be from the samples, in weight, or in radians for the
        eyes; the head may turn by `HEAD_SHARE` of it. 0 keys every frame.
    region_tolerance: another tolerance for some regions of the face, by the names in
        `models.arkit.REGIONS` ("mouth" …), or "head".
    hold: frames for which a pose is held without motion, as in drawn animation: 2 is
        "on twos". 1 moves smoothly. Held poses stand on whole frames; a blink that falls
        within one still closes the eye.
    drop_still: no curve for what never moves and looks the same without one.
    frame_range: first and last scene frame to be keyed; what was animated outside stays.
        None keys the whole performance.
    blend_in, blend_out: frames over which the old animation gives way to the new one
        after the first keyed frame, and takes over again before the last.
    head: what turns with the head: BONE, EMPTY (made if need be), NONE, or AUTO: the
        head bone if there is one, else the empty.
    neck_share: how much of the head's turn the neck makes, 0–1, where the character has a
        neck bone.
    eyes: what looks: BONES, KEYS, or AUTO: the eye bones where there are any, with the
        eyeLook keys that move lids only; see `eyes.choose_gaze`.
    markers: mark where the face was lost, by pose markers of the new Action (the Action
        editor shows them with Marker > Show Pose Markers). They go where the Action goes.
    action_name: "" takes the performance's source.

    Raises BakeError for a tolerance, hold, blend or share outside what makes sense, and for a
    range that ends before it starts.
    """

    start_frame: float = 1
    subframes: bool = False
    tolerance: float = 0.005
    region_tolerance: Mapping[str, float] = field(default_factory=dict)
    hold: int = 1
    drop_still: bool = False
    frame_range: tuple[float, float] | None = None
    blend_in: float = 0
    blend_out: float = 0
    head: Head = "AUTO"
    neck_share: float = NECK_SHARE
    eyes: EyesBy = "AUTO"
    markers: bool = True
    action_name: str = ""

    def __post_init__(self) -> None:
        if min([self.tolerance, *self.region_tolerance.values()]) < 0:
            raise BakeError("A tolerance must not be negative; 0 keys every frame.")
        if self.hold < 1 or min(self.blend_in, self.blend_out) < 0:
            raise BakeError("Held and blended frames are counted from 1 and from 0 up.")
        if not 0 <= self.neck_share <= 1:
            raise BakeError("The neck's share of a turn lies between 0 and 1.")
        if self.frame_range is not None and self.frame_range[0] > self.frame_range[1]:
            first, last = self.frame_range
            raise BakeError(f"The frame range {first:g} to {last:g} ends before it starts.")

    @property
    def keeps_outside(self) -> bool:
        """Whether old keys outside the keyed frames stay."""
        return self.frame_range is not None or self.blend_in > 0 or self.blend_out > 0

    def tolerance_of(self, region: str) -> float:
        """The tolerance for a region of the face, or for "head"."""
        usual = self.tolerance * (HEAD_SHARE if region == "head" else 1)
        return self.region_tolerance.get(region, usual)
