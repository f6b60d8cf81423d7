"""Audio2Face's exports and ARKit's blend shapes as JSON."""

import json

import numpy as np
import pytest
from mien.models import rotation
from mien.models.arkit import CHANNELS
from mien.models.errors import FormatError
from mien.models.formats import arkit_json, audio2face, read_recording
from mien.models.formats.retarget import read_table

from . import samples_of_formats as samples


def read(folder, data, reader=read_recording):
    path = folder / "take.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return reader(path)


def export(**changes):
    return json.loads(samples.AUDIO2FACE) | changes


# --- Audio2Face ----------------------------------------------------------------------------


def test_an_export_has_its_names_weights_and_rate(tmp_path):
    result = read(tmp_path, samples.AUDIO2FACE).performance
    assert result.channels == ("jawOpen", "mouthSmileLeft", "eyeBlinkRight")
    np.testing.assert_allclose(result.weights[3], [0.9, 1, 0])
    np.testing.assert_allclose(result.times, np.arange(4) / 30)


def test_without_a_rate_60_is_taken_and_told_and_joints_are_left_out(tmp_path):
    data = export(joints=["jaw"], rotations=[[0]], translations=[[0]])
    del data["exportFps"]
    recording = read(tmp_path, data)
    assert recording.performance.rate == pytest.approx(60)
    assert len(recording.warnings) == 2


def test_the_solvers_own_poses_become_arkits_channels(tmp_path):
    names = ["jawDrop", "innerBrowRaiserL", "innerBrowRaiserR", "eyesLookLeft", "lipCornerPullerR"]
    data = export(numPoses=5, numFrames=1, facsNames=names, weightMat=[[0.5, 0.4, 0.2, 0.3, 0.7]])
    result = read(tmp_path, data).performance
    assert result.channels == CHANNELS
    for name, weight in {
        "jawOpen": 0.5,
        "browInnerUp": 0.3,
        "eyeLookOutLeft": 0.3,
        "eyeLookInRight": 0.3,
        "mouthSmileRight": 0.7,
        "mouthSmileLeft": 0,
    }.items():
        assert result.channel(name)[0] == pytest.approx(weight)


@pytest.mark.parametrize("name", ["audio2face", "facegood"])
def test_tables_name_arkits_channels_and_both_sides_alike(name):
    table = read_table(name)
    for shape, parts in table.items():
        assert set(parts) <= set(CHANNELS)
        assert all(0 < weight <= 1 for weight in parts.values())
        swapped = {"L": "R", "_l": "_r", "dl": "dr", "ul": "ur"}
        end = next((end for end in swapped if shape.endswith(end)), None)
        if end:
            other = table[shape[: -len(end)] + swapped[end]]
            assert sorted(other.values()) == sorted(parts.values())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weightMat": [[0, 0, 0], [0, 0]]}, "frame 2 has 2 values where 3"),
        ({"weightMat": [[0, 0, 0], [0, 0, "a"]]}, "frame 2: “a”"),
        ({"weightMat": [[0, 0, 0], [0, 0, None]]}, "frame 2"),
        ({"weightMat": [[0, 0, 0], [0, 0, True]]}, "frame 2"),
        ({"weightMat": [[0, 0, 0], [0, 0, 10**400]]}, "frame 2"),
        ({"numFrames": 2, "weightMat": [[0, 0, 0], [0, 0, 1e30]]}, "frame 2"),
        ({"weightMat": [0, 1]}, "frame 1"),
        ({"weightMat": []}, "no frames"),
        ({"weightMat": {}}, "weightMat"),
        ({"numFrames": 5}, "numFrames"),
        ({"numPoses": 2}, "numPoses"),
        ({"facsNames": ["a", "b", "c"]}, "no face channel"),
        ({"facsNames": ["jawOpen", "JawOpen", "c"]}, "two columns"),
        ({"facsNames": "jawOpen"}, "facsNames"),
        ({"exportFps": 0}, "exportFps"),
        ({"exportFps": -30}, "exportFps"),
        ({"exportFps": "fast"}, "exportFps"),
    ],
)
def test_a_wrong_export_is_refused_with_its_place(tmp_path, changes, words):
    with pytest.raises(FormatError, match=words) as caught:
        read(tmp_path, export(**changes), audio2face.read)
    assert "take.json" in str(caught.value)


@pytest.mark.parametrize("text", [samples.AUDIO2FACE, samples.ARKIT_JSON])
def test_a_file_that_is_cut_short_or_holds_nan_is_refused_with_its_line(tmp_path, text):
    lines = text.splitlines(keepends=True)
    with pytest.raises(FormatError, match=r"line \d"):
        read(tmp_path, "".join(lines[:-1]))
    with pytest.raises(FormatError, match=r"line \d+: “NaN” is not a number"):
        read(tmp_path, text.replace("0.3", "NaN"))
    with pytest.raises(FormatError, match="not JSON"):
        read(tmp_path, "[" * 100000 + '"jawOpen"')


def test_an_uneven_performance_is_exported_at_an_even_rate(tmp_path, performance_of):
    source = performance_of(3, 200, rate=60, uneven=False).replace(
        times=np.arange(200) / 60 + np.random.default_rng(0).uniform(0, 0.004, 200)
    )
    path = tmp_path / "even.json"
    audio2face.write(path, source)
    assert json.loads(path.read_text())["exportFps"] == 60
    result = audio2face.read(path).performance
    for name in ("jawOpen", "eyeBlinkLeft"):
        expected = np.interp(result.times, source.times, source.channel(name))
        np.testing.assert_allclose(result.channel(name), expected, atol=0.01)


# --- ARKit ---------------------------------------------------------------------------------


def test_variants_of_frames_are_read_alike(tmp_path):
    expected = read(tmp_path, samples.ARKIT_JSON).performance
    rows = [(0.0, 0.1, 0.2), (0.02, 0.3, 0.4), (0.05, 0.5, 0.6)]
    variants = [
        [{"timestamp": t, "blendshapes": {"eyeBlink_L": b, "JawOpen": a}} for t, a, b in rows],
        [{"time": t, "jawOpen": a, "eyeBlinkLeft": b} for t, a, b in rows],
        [
            {
                "timestamp": 1_700_000_000_000 + 1000 * t,
                "blendshapes": [
                    {"categoryName": "_neutral", "score": 0.9},
                    {"categoryName": "jawOpen", "score": a},
                    {"categoryName": "eyeBlinkLeft", "score": b},
                ],
            }
            for t, a, b in rows
        ],
        {
            "blendShapeNames": ["jawOpen", "eyeBlinkLeft"],
            "frames": [{"time": t, "weights": [a, b]} for t, a, b in rows],
        },
    ]
    for variant in variants:
        result = read(tmp_path, variant).performance
        assert set(result.channels) == set(expected.channels)
        np.testing.assert_allclose(result.times, expected.times, atol=1e-6)
        for name in expected.channels:
            np.testing.assert_array_equal(result.channel(name), expected.channel(name))


def test_a_rate_stands_for_times_and_60_for_neither(tmp_path):
    frames = [{"blendShapes": {"jawOpen": weight}} for weight in (0.1, 0.2, 0.3)]
    assert read(tmp_path, {"fps": 25, "frames": frames}).performance.rate == pytest.approx(25)
    recording = read(tmp_path, frames)
    assert recording.performance.rate == pytest.approx(60)
    assert "60" in recording.warnings[0]


def test_a_channel_that_a_frame_lacks_is_held_without_confidence(tmp_path):
    frames = [
        {"time": 0, "blendShapes": {"jawOpen": 0.1, "cheekPuff": 0.7}},
        {"time": 1, "blendShapes": {"jawOpen": 0.2}},
    ]
    recording = read(tmp_path, frames)
    np.testing.assert_allclose(recording.performance.channel("cheekPuff"), [0.7, 0.7])
    np.testing.assert_array_equal(recording.performance.confidence, [1, 0])
    assert "1 of 2 frames" in recording.warnings[0]


def test_transforms_are_columns_in_the_faces_own_axes(tmp_path):
    half = np.sqrt(0.5)
    # A quarter turn to the subject's left, 40 cm from the camera: columns, as simd has them.
    transform = [[0, 0, -1, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0.1, 0.2, -0.4, 1]]
    down = [[1, 0, 0, 0], [0, half, half, 0], [0, -half, half, 0], [0.03, 0, 0, 1]]
    frame = {
        "time": 0,
        "blendShapes": {"jawOpen": 1},
        "transform": transform,
        "leftEyeTransform": [each for column in down for each in column],
        "rightEyeTransform": down,
    }
    result = read(tmp_path, [frame]).performance
    nose = rotation.turned(result.head[:, :4], (0, 0, 1))[0]
    np.testing.assert_allclose(nose, [1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(result.head[0, 4:], [0.1, 0.2, -0.4], rtol=1e-6)
    np.testing.assert_allclose(np.degrees(result.eyes[0]), [45, 0, 45, 0], atol=1e-4)


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([{"time": 0, "blendShapes": {"jawOpen": "wide"}}], "frame 1, jawOpen"),
        ([{"time": 0, "blendShapes": {"jawOpen": 1e9}}], "frame 1"),
        ([{"time": 0, "blendShapes": {}}, {"jawOpen": 1}], "frame 1 has no blend shapes"),
        ([{"time": 1, "jawOpen": 1}, {"time": 0, "jawOpen": 1}], "frame 2"),
        ([{"time": 1, "jawOpen": 1}, {"jawOpen": 1}], "frame 2, time"),
        ([{"time": 0, "jawOpen": 1, "transform": [1, 2]}], "frame 1, transform"),
        ([{"time": 0, "jawOpen": 1, "transform": [0] * 16}], "not a turn"),
        ([{"time": 0, "jawOpen": 1, "transform": [1e200] * 16}], "not a turn"),
        ([{"time": 0, "blendShapes": [{"name": "jawOpen"}]}], "frame 1"),
        ([{"time": 0, "blendShapes": [0.5]}], "frame 1"),
        ({"fps": 0, "frames": [{"jawOpen": 1}]}, "0 frames a second"),
        ({"names": ["jawOpen"], "frames": [{"weights": [1, 2]}]}, "2 weights where 1"),
        ({"names": ["tail"], "frames": [{"weights": [1]}]}, "no face channel"),
        ({"frames": ["jawOpen"]}, "no list of frames"),
        ({"frames": []}, "no frames"),
        ({"jawOpen": 1}, "no list of frames"),
    ],
)
def test_wrong_frames_are_refused_with_their_place(tmp_path, frames, words):
    with pytest.raises(FormatError, match=words) as caught:
        read(tmp_path, frames, arkit_json.read)
    assert "take.json" in str(caught.value)
