"""A channel moves the right part of a face the right way, whatever its keys are called."""

import numpy as np
import pytest
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.character import find_character
from mien.blender_ops.mapping import match
from mien.models.performance import Performance

from .faces_by_code import DOWN, LANDMARKS, MEANINGS, RIGS, build, driven, positions, share_met


@pytest.mark.parametrize("convention", RIGS)
def test_each_convention_moves_what_its_channels_mean(convention):
    keys = RIGS[convention]
    face = build(keys)
    mapping = match(find_character(face))
    if not convention.startswith(("Unity", "MikuMikuDance,")):
        assert mapping.followed[0].name == convention
    assert mapping.unknown == ()
    assert not mapping.findings.swapped
    modelled = {part for effects in keys.values() for part in effects.split("+")}
    channels = [channel for channel, effect in MEANINGS.items() if effect in modelled]
    assert len(channels) >= 3
    moved = driven(face, channels)
    for channel in channels:
        # A shape of a whole feeling is borrowed in part: 0.3 of it at least.
        assert share_met(moved[channel], MEANINGS[channel]) > 0.15, channel
        side = MEANINGS[channel][-1]
        separate = not any("+" in effects for effects in keys.values())
        if side in "LR" and channel not in mapping.missing and separate:
            for landmark, way in moved[channel].items():
                if landmark.endswith("RL"["LR".index(side)]):
                    assert np.abs(way).max() < 1e-6, (channel, landmark)


def test_both_eyes_close_by_one_key_for_both():
    face = build(RIGS["MikuMikuDance, few"])
    character = find_character(face)
    full = Performance(np.ones((1, 2)), [0], ("eyeBlinkLeft", "eyeBlinkRight"))
    bake(full, character, match(character), BakeOptions(tolerance=0))
    closed = positions(face, 1) - np.array(list(LANDMARKS.values()))
    assert closed[0] == pytest.approx(DOWN, abs=1e-6)
    assert closed[1] == pytest.approx(DOWN, abs=1e-6)


def test_the_jaw_closes_by_rounded_and_closed_lips():
    """ARKit's mouthClose brings the lips together over an open jaw; a vowel A has no jaw below."""
    face = build(RIGS["VRM 0"])
    character = find_character(face)
    channels = ("jawOpen", "mouthClose", "mouthFunnel")
    weights = [[0.8, 0, 0], [0.8, 0.8, 0], [0.8, 0, 1], [0, 1, 1]]
    performance = Performance(np.array(weights), np.arange(4) / 24, channels)
    bake(performance, character, match(character), BakeOptions(tolerance=0))
    where = list(LANDMARKS).index("chin")
    chin = [positions(face, frame)[where, 2] + 0.7 for frame in (1, 2, 3, 4)]
    assert chin[0] == pytest.approx(-0.16, abs=1e-5)
    assert chin[1] == pytest.approx(0, abs=1e-5)
    assert chin[0] < chin[2] < 0
    assert chin[3] == pytest.approx(0, abs=1e-5)


def test_names_out_of_two_conventions():
    keys = {
        "Eye_Blink_L": "blink L",
        "Eye_Blink_R": "blink R",
        "Jaw_Open": "open",
        "Mouth_Smile_L": "smile L",
        "Mouth_Smile_R": "smile R",
        "viseme_O": "round",
        "ぷくー": "puff",
        "tongueOut": "tongue",
    }
    face = build(keys)
    mapping = match(find_character(face))
    assert mapping.unknown == ()
    assert len(mapping.followed) >= 3
    channels = (
        "eyeBlinkLeft",
        "jawOpen",
        "mouthSmileRight",
        "mouthFunnel",
        "cheekPuff",
        "tongueOut",
    )
    moved = driven(face, channels)
    for channel in channels:
        assert share_met(moved[channel], MEANINGS[channel]) > 0.9, channel
