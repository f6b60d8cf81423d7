import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mien.models.arkit import CHANNELS
from mien.models.errors import FormatError, TakeError
from mien.models.formats import live_link, read
from mien.models.performance import Performance
from mien.models.take import read_take, write_take


def landmarks_of(frames, seed=0):
    random = np.random.default_rng(seed)
    points = random.normal([900, 500, 0], [180, 240, 90], (frames, 478, 3)).astype(np.float32)
    points[frames // 2] = 0
    return points


def bytes_of(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.integers(0, 10**6),
    frames=st.integers(1, 40),
    head=st.booleans(),
    eyes=st.booleans(),
    confidence=st.booleans(),
    channels=st.permutations([*CHANNELS[:5], "tail", "ears Up"]).map(lambda names: names[:4]),
    timecode=st.sampled_from(["", "23:59:59:59.990", "01:02:03:04"]),
)
def test_a_take_gives_back_the_same_performance(
    tmp_path_factory,
    performance_of,
    seed,
    frames,
    head,
    eyes,
    confidence,
    channels,
    timecode,
):
    source = performance_of(
        seed, frames, 29.97, tuple(channels), head, eyes, confidence, True, timecode
    )
    folder = tmp_path_factory.mktemp("take") / "shot_3"
    take = write_take(folder, source)
    assert take.performance == source
    assert read_take(folder).performance == source
    assert read(folder) == source
    assert take.landmarks is None
    assert take.matrices is None


def test_confidence_of_each_channel_comes_back(tmp_path, performance_of):
    random = np.random.default_rng(0)
    source = performance_of().replace(confidence=random.uniform(0, 1, (40, 52)))
    assert write_take(tmp_path / "take", source).performance == source


def test_landmarks_and_matrices_come_back(tmp_path, performance_of):
    points = landmarks_of(40)
    matrices = np.random.default_rng(1).normal(size=(40, 4, 4)).astype(np.float32)
    report = {"frames": 40, "lost": [[0.5, 0.75]], "warnings": ["cut off"]}
    write_take(
        tmp_path / "take", performance_of(), points, matrices, (1920, 1080), report, "a b/clip.mp4"
    )
    take = read_take(tmp_path / "take")
    assert np.abs(take.landmarks - points).max() < 0.02
    assert (take.landmarks[20] == 0).all()
    np.testing.assert_array_equal(take.matrices, matrices)
    assert take.size == (1920, 1080)
    assert take.report == report
    assert take.footage == "clip.mp4"


def test_other_tools_find_what_live_link_face_writes(tmp_path, performance_of):
    source = performance_of(0, 60, 30.0, timecode="10:00:00:00.000")
    write_take(tmp_path / "take_7", source, footage="interview.mov")
    description = json.loads((tmp_path / "take_7" / "take.json").read_text())
    assert description["take"] == 7
    assert description["slate"] == "interview"
    assert description["identifier"] == "take_7"
    assert description["frames"] == 60
    assert description["videoTargetFrameRate"] == 30
    assert description["startTimecode"] == "10:00:00:00.000"
    assert description["endTimecode"] == "10:00:01:58.000"
    np.testing.assert_array_equal(
        read(tmp_path / "take_7" / "interview_7_Mien.csv").weights, source.weights
    )


def test_the_same_content_gives_the_same_bytes(tmp_path, performance_of):
    for name in ("a", "b"):
        write_take(
            tmp_path / name / "take",
            performance_of(confidence=True),
            landmarks_of(40),
            np.ones((40, 4, 4)),
            (640, 480),
            {"frames": 40},
            tmp_path / name / "clip.mp4",
        )
    assert bytes_of(tmp_path / "a" / "take") == bytes_of(tmp_path / "b" / "take")


def test_a_take_is_never_overwritten(tmp_path, performance_of):
    write_take(tmp_path / "take", performance_of(1))
    before = bytes_of(tmp_path / "take")
    with pytest.raises(TakeError, match="never overwritten"):
        write_take(tmp_path / "take", performance_of(2))
    (tmp_path / "file").write_text("mine")
    with pytest.raises(TakeError, match="never overwritten"):
        write_take(tmp_path / "file", performance_of(2))
    assert bytes_of(tmp_path / "take") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "take"]


def test_where_nothing_can_be_written_nothing_is_left(tmp_path, performance_of):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(TakeError, match="cannot be written"):
        write_take(tmp_path / "file" / "take", performance_of())
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no limit for files")
def test_a_full_disk_leaves_nothing_behind(tmp_path):
    """A limit on the size of files fails a write in the middle, as a full disk does."""
    code = """
import resource, signal, sys
import numpy as np
from mien.models.errors import TakeError
from mien.models.performance import Performance
from mien.models.take import write_take
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
performance = Performance(weights=np.random.default_rng(0).random((400, 52)), times=np.arange(400))
try:
    write_take(sys.argv[1], performance, np.ones((400, 478, 3)))
except TakeError as error:
    print(error)
"""
    folder = tmp_path / "new" / "take"
    for limit in (1000, 400_000):
        result = subprocess.run(
            [sys.executable, "-c", code, str(folder), str(limit)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert "cannot be written" in result.stdout
        assert not list(tmp_path.iterdir())


def test_parts_of_different_lengths_are_refused(tmp_path, performance_of):
    with pytest.raises(TakeError, match="40 frames of weights, but 39 of matrices"):
        write_take(tmp_path / "take", performance_of(), matrices=np.ones((39, 4, 4)))
    with pytest.raises(TakeError, match="plain data"):
        write_take(tmp_path / "take", performance_of(), report={"loss": float("nan")})
    assert not list(tmp_path.iterdir())


def test_a_lone_csv_is_a_take_without_landmarks(tmp_path, performance_of):
    live_link.write(tmp_path / "x.csv", performance_of(head=False))
    take = read_take(tmp_path / "x.csv")
    assert take.landmarks is None
    assert take.matrices is None
    assert take.size is None
    assert take.report["frames"] == 40


def folder_of(tmp_path, calibrated, *names):
    folder = tmp_path / "20250228_MySlate_24"
    folder.mkdir()
    (folder / "take.json").write_text(json.dumps({"calibrated": calibrated, "take": 24}))
    for number, name in enumerate(names, 1):
        weights = np.full((2, 52), number / 10)
        live_link.write(folder / name, Performance(weights=weights, times=[0, 1 / 60]))
    (folder / "frame_log.csv").write_text("B,0,0,1000,00:00:00:00.000,0\n")
    return folder


@pytest.mark.parametrize(
    ("calibrated", "names", "chosen"),
    [
        (False, ["MySlate_24_iPhone.csv"], 1),
        (True, ["s_cal.csv", "s_neutral.csv", "s_raw.csv"], 1),
        (False, ["s.csv", "s_cal.csv"], 1),
        (True, ["s.csv", "s_cal.csv"], 2),
        (False, ["s_neutral.csv", "s_raw.csv"], 2),
    ],
)
def test_of_the_apps_csvs_the_right_one_is_read(tmp_path, calibrated, names, chosen):
    take = read_take(folder_of(tmp_path, calibrated, *names))
    assert take.performance.weights[0, 0] == np.float32(chosen / 10)


def test_a_folder_with_two_performances_says_so(tmp_path):
    with pytest.raises(TakeError, match=r"a\.csv, b\.csv"):
        read_take(folder_of(tmp_path, False, "a.csv", "b.csv"))


def test_a_log_that_does_not_fit_the_table_is_left_alone(tmp_path):
    folder = folder_of(tmp_path, False, "s.csv")
    (folder / "frame_log.csv").write_text("B,0,0,1000,x,0\nB,1,900,1000,x,0\n")
    assert read(folder).times[1] == 1 / 60
    (folder / "frame_log.csv").write_text("B,0,0,1000,x,0\nB,1,17,1000,x,0\n")
    assert read(folder).times[1] == 0.017


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "capture.npz").unlink(),
        lambda folder: (folder / "capture.npz").write_bytes(b"PK\3\4 not quite"),
        lambda folder: next(folder.glob("*.csv")).unlink(),
        lambda folder: (folder / "take.json").write_text("{"),
        lambda folder: (folder / "take.json").write_text("[]"),
        lambda folder: (folder / "take.json").write_text('{"mien": {"csv": "x.csv"}}'),
        lambda folder: (folder / "take.json").write_text('{"mien": 3}'),
        lambda folder: next(folder.glob("*.csv")).write_text(
            "Timecode,BlendShapeCount,JawOpen\n00:00:00:00.000,1,0.5\n"
        ),
    ],
)
def test_a_damaged_take_says_so(tmp_path, performance_of, damage):
    write_take(tmp_path / "take", performance_of())
    damage(tmp_path / "take")
    with pytest.raises(TakeError) as error:
        read_take(tmp_path / "take")
    assert "take" in str(error.value)
    with pytest.raises(FormatError):
        read(tmp_path / "take")


def test_no_take_there(tmp_path):
    with pytest.raises(TakeError, match="no file"):
        read_take(tmp_path / "none")
    with pytest.raises(TakeError, match="not a take"):
        read_take(tmp_path)


@pytest.mark.shared
def test_the_apps_own_folder_becomes_a_take_of_ours(shared, tmp_path):
    theirs = read_take(shared / "performances" / "train" / "sentien")
    ours = write_take(tmp_path / "take", theirs.performance)
    assert ours.performance == theirs.performance
    assert theirs.performance.head is not None
