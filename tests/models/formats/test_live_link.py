import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mien.models import rotation
from mien.models.arkit import CHANNELS
from mien.models.errors import FormatError
from mien.models.formats import live_link, read, read_recording
from mien.models.performance import Performance, Source
from mien.models.timecode import timecode

quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
serial = itertools.count()


def columns(names=CHANNELS):
    return [name[0].upper() + name[1:] for name in names]


def text_of(rows, header=None):
    header = header or ["Timecode", "BlendShapeCount", *columns()]
    return "\n".join([",".join(header), *(",".join(map(str, row)) for row in rows)]) + "\n"


def row(frame, weight=0.25, count=52, base=60):
    return [timecode(frame / base, base), 61, *[weight] * count]


def written(folder, text, encoding="utf-8"):
    path = folder / f"file {next(serial)}.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


# --- Writing and reading back --------------------------------------------------------------


@quick
@given(
    seed=st.integers(0, 10**6),
    frames=st.integers(1, 50),
    rate=st.sampled_from([24, 25, 30, 50, 60, 30000 / 1001, 60000 / 1001]),
    start=st.integers(0, 24 * 3600 * 60000 - 1),
)
def test_what_is_written_is_what_is_read(tmp_path, performance_of, seed, frames, rate, start):
    source = performance_of(
        seed, frames, rate, timecode=timecode(start / 60000), head=seed % 2, eyes=seed % 3
    )
    if rate % 1:
        step = 1001 / 60000 if rate > 30 else 1001 / 30000
        source = source.replace(times=np.arange(frames) * 1001 / (60000 if rate > 30 else 30000))
        assert abs(source.rate - 1 / step) < 1e-6 or frames == 1
    path = tmp_path / f"{next(serial)}.csv"
    live_link.write(path, source)
    result = read(path)
    np.testing.assert_array_equal(result.weights, source.weights)
    np.testing.assert_array_equal(result.times, source.times)
    assert result.channels == CHANNELS
    assert result.source.timecode == source.source.timecode
    if source.eyes is None:
        assert result.eyes is None
    else:
        np.testing.assert_array_equal(result.eyes, source.eyes)
    if source.head is None:
        assert result.head is None
    else:
        same = np.abs(np.sum(result.head[:, :4] * source.head[:, :4], axis=1))
        np.testing.assert_allclose(same, 1, atol=1e-6)
        assert (result.head[:, 4:] == 0).all()


@quick
@given(
    values=st.lists(
        st.floats(-2, 2, width=32) | st.floats(0, 2**-20, width=32), min_size=52, max_size=52
    )
)
def test_every_float_comes_back_exactly(tmp_path, values):
    path = tmp_path / f"{next(serial)}.csv"
    live_link.write(path, Performance(weights=[values], times=[0]))
    assert "e" not in path.read_text().splitlines()[1]
    np.testing.assert_array_equal(read(path).weights[0], np.float32(values))


@quick
@given(seed=st.integers(0, 10**6), frames=st.integers(2, 60))
def test_any_times_come_back_within_a_timecodes_resolution(tmp_path, performance_of, seed, frames):
    source = performance_of(seed, frames, rate=31.7, uneven=True)
    path = tmp_path / f"{next(serial)}.csv"
    live_link.write(path, source)
    first = read(path)
    assert np.abs(first.times - source.times).max() <= 1 / 60000
    again = tmp_path / f"{next(serial)}.csv"
    live_link.write(again, first.replace(source=Source(timecode=first.source.timecode)))
    np.testing.assert_array_equal(read(again).times, first.times)


def test_a_file_read_and_written_again_has_the_same_bytes(tmp_path, performance_of):
    live_link.write(tmp_path / "a.csv", performance_of(1, 30, timecode="23:59:59:50.125"))
    live_link.write(tmp_path / "b.csv", read(tmp_path / "a.csv"))
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_channels_that_tools_expect_are_there_and_own_ones_follow(tmp_path):
    path = tmp_path / "own.csv"
    live_link.write(
        path, Performance(weights=[[0.5, 0.25]], times=[0], channels=("tail", "jawOpen"))
    )
    header = path.read_text().splitlines()[0].split(",")
    assert header[2:54] == columns()
    assert header[-1] == "tail"
    assert read(path).channel("jawOpen")[0] == 0.25
    both = live_link.read(path, ("tail", "jawOpen")).performance
    assert both.channel("tail")[0] == 0.5


def test_writing_never_overwrites_unless_told_and_leaves_nothing_behind(tmp_path, performance_of):
    path = written(tmp_path, "mine")
    with pytest.raises(FormatError, match="already"):
        live_link.write(path, performance_of())
    assert path.read_text() == "mine"
    live_link.write(path, performance_of(), overwrite=True)
    assert len(read(path)) == 40
    with pytest.raises(FormatError, match="cannot be written"):
        live_link.write(tmp_path / "no folder" / "x.csv", performance_of())
    assert sorted(tmp_path.iterdir()) == [path]


def test_frames_too_near_for_timecode_are_refused(tmp_path):
    near = Performance(weights=np.zeros((2, 52)), times=[0, 1e-6])
    with pytest.raises(FormatError, match="1/60000"):
        live_link.write(tmp_path / "x.csv", near)
    assert not list(tmp_path.iterdir())


# --- Axes ----------------------------------------------------------------------------------


def test_heads_and_eyes_turn_the_way_that_the_columns_say():
    def head(*angles):
        return head_turned(live_link.head_from_columns(np.array([angles])), (0, 0, 1))

    def head_turned(quaternions, point):
        return rotation.turned(quaternions, point)[0]

    assert head(0.3, 0, 0)[0] < 0, "positive yaw: the nose goes to the subject's right (−X)"
    assert head(0, 0.3, 0)[1] < 0, "positive pitch: the nose goes down"
    up = rotation.turned(live_link.head_from_columns(np.array([[0, 0, 0.3]])), (0, 1, 0))[0]
    assert up[0] > 0, "positive roll: the top of the head goes to the subject's left"
    eyes = live_link.eyes_from_columns(np.array([[0.1, 0.2, 0, 0.3, 0.4, 0]]))
    np.testing.assert_allclose(eyes, [[0.2, -0.1, 0.4, -0.3]])
    np.testing.assert_allclose(
        live_link.eyes_to_columns(eyes), [[0.1, 0.2, 0, 0.3, 0.4, 0]], atol=1e-12
    )


@given(st.floats(-3.1, 3.1), st.floats(-1.5, 1.5), st.floats(-3.1, 3.1))
def test_head_columns_come_back(yaw, pitch, roll):
    columns = np.array([[yaw, pitch, roll]])
    back = live_link.head_to_columns(live_link.head_from_columns(columns))
    np.testing.assert_allclose(back, columns, atol=1e-7)


# --- What files do -------------------------------------------------------------------------


def test_columns_are_found_by_name_in_any_order_and_case(tmp_path):
    names = columns()
    order = np.random.default_rng(0).permutation(52)
    header = [names[i].upper() if i % 2 else names[i].lower() for i in order]
    rows = [[*(f"{i / 100:.2f}" for i in order), timecode(f / 30), 61] for f in range(3)]
    path = written(tmp_path, text_of(rows, [*header, "TIMECODE", "blendshapecount"]))
    result = read(path)
    assert result.channels == CHANNELS
    np.testing.assert_allclose(result.weights[2], np.arange(52) / 100)


@pytest.mark.parametrize(("step", "rate"), [(1, 60), (2, 30)])
def test_the_rate_is_found_from_timecode(tmp_path, step, rate):
    frames = range(0, 200 * step, step)
    assert read(written(tmp_path, text_of(map(row, frames)))).rate == pytest.approx(rate)


@pytest.mark.parametrize("base", [24, 25, 30, 60])
def test_whole_frames_on_another_base_are_seen_where_seconds_turn_over(tmp_path, base):
    rows = [[f"01:00:{f // base:02d}:{f % base:02d}", 61, *[0.5] * 52] for f in range(3 * base + 5)]
    result = read(written(tmp_path, text_of(rows)))
    np.testing.assert_allclose(result.times, np.arange(3 * base + 5) / base)
    assert result.source.timecode_base == base


def test_midnight_passes(tmp_path):
    day = 24 * 3600 * 60
    frames = range(day - 5, day + 5)
    np.testing.assert_allclose(
        read(written(tmp_path, text_of(map(row, frames)))).times, np.arange(10) / 60
    )


def test_rows_without_timecode_lie_between_their_neighbours_and_are_told(tmp_path):
    rows = [row(frame) for frame in range(10)]
    for frame in (0, 4, 5, 9):
        rows[frame][0] = ""
    recording = read_recording(written(tmp_path, text_of(rows)))
    np.testing.assert_allclose(recording.performance.times, np.arange(10) / 60)
    assert recording.performance.source.timecode == "00:00:00:00.000"
    assert any("4 rows" in warning and "row 2" in warning for warning in recording.warnings)


def test_a_timecode_that_comes_twice_is_bridged(tmp_path):
    rows = [row(frame - frame % 2) for frame in range(10)]
    times = read(written(tmp_path, text_of(rows))).times
    np.testing.assert_allclose(np.diff(times), 1 / 60)


def test_short_rows_hold_the_values_before_and_have_no_confidence(tmp_path):
    rows = [row(frame, frame / 10) for frame in range(6)]
    rows[0] = rows[0][:2]
    rows[3] = rows[3][:10]
    rows[4] = [rows[4][0], 0]
    recording = read_recording(written(tmp_path, text_of(rows)))
    result = recording.performance
    np.testing.assert_array_equal(result.confidence, [0, 1, 1, 0, 0, 1])
    np.testing.assert_allclose(result.weights[:, 0], [0.1, 0.1, 0.2, 0.3, 0.3, 0.5])
    np.testing.assert_allclose(result.weights[:, 51], [0.1, 0.1, 0.2, 0.2, 0.2, 0.5])
    assert any("3 of 6 rows" in warning for warning in recording.warnings)


def test_blank_lines_trailing_commas_quotes_and_marks_do_no_harm(tmp_path):
    plain = text_of([row(0), row(1, 0.5), row(2)])
    expected = read(written(tmp_path, plain))
    changed = [
        plain.replace("\n", "\r\n"),
        plain.replace("\n", "\n\n"),
        plain.replace("\n", ",\n"),
        plain + ",,,\n",
        "".join(
            ",".join(f'"{cell}"' for cell in line.split(",")) + "\n" for line in plain.splitlines()
        ),
        plain.replace(",", ";").replace("0.5", "0,5").replace("0.25", "0,25"),
        plain.replace(",", "\t"),
    ]
    files = [written(tmp_path, text) for text in changed]
    files += [written(tmp_path, plain, code) for code in ("utf-8-sig", "utf-16")]
    for file in files:
        result = read(file)
        np.testing.assert_array_equal(result.weights, expected.weights)
        np.testing.assert_array_equal(result.times, expected.times)


def test_values_past_one_are_kept(tmp_path):
    assert read(written(tmp_path, text_of([row(0, 1.05), row(1, -0.01)]))).weights.max() > 1.04


def test_one_row_is_one_frame(tmp_path):
    result = read(written(tmp_path, text_of([row(90)])))
    assert len(result) == 1
    assert result.source.timecode == "00:00:01:30.000"


def test_a_column_that_is_not_there_is_told(tmp_path):
    names = [name for name in CHANNELS if name != "tongueOut"]
    text = text_of([row(f, count=51) for f in (0, 1)], ["Timecode", "Count", *columns(names)])
    recording = read_recording(written(tmp_path, text))
    assert recording.performance.channels == tuple(names)
    assert any("tongueOut" in warning for warning in recording.warnings)


def bad_files():
    good = text_of([row(f) for f in range(20)])
    lines = good.splitlines()

    def at(number, change):
        rows = list(lines)
        rows[number - 1] = change(rows[number - 1])
        return "\n".join(rows)

    return {
        "nothing in it": (b"", "empty"),
        "only blanks": (b"  \n \n", "empty"),
        "binary": (bytes(range(256)) * 20, "not a text file"),
        "latin-1": (good.replace("Count", "Zähler").encode("latin-1"), "UTF-8"),
        "latin-1 further down": ((good * 3000).encode() + b"\xe4", "UTF-8|row"),
        "header only": (lines[0], "no rows"),
        "no timecode column": (good.replace("Timecode", "Time"), "no column “Timecode”"),
        "no channels": ("Timecode,Count\n00:00:00:00.000,1\n", "no face channels"),
        "another table": ("name,age\nAda,36\n", "no column “Timecode”"),
        "text": (at(7, lambda line: line.replace("0.25", "smile", 1)), "row 7.*“smile”"),
        "nan": (at(9, lambda line: line.replace("0.25", "NaN", 1)), "row 9.*“NaN”"),
        "infinity": (at(9, lambda line: line.replace("0.25", "inf", 1)), "row 9.*“inf”"),
        "too large": (at(9, lambda line: line.replace("0.25", "1e300", 1)), "row 9.*too large"),
        "bad timecode": (at(5, lambda line: "noon" + line[15:]), "row 5.*“noon”"),
        "half a timecode": (at(5, lambda line: "00:00:01" + line[15:]), "row 5.*timecode"),
        "timecode goes back": (good + "\n".join(lines[3:5]), "row 22.*goes back"),
        "one timecode, many rows": (
            "\n".join([lines[0], *[lines[1]] * 5]),
            "fewer than two",
        ),
        "no timecode in any row": ("\n".join([lines[0], *[lines[1][15:]] * 5]), "fewer than two"),
        "decimal commas": (at(4, lambda line: line.replace("0.25", "0,25")), "row 4.*cells"),
        "a column twice": (good.replace("JawOpen", "JawLeft", 1), "two columns"),
        "no values at all": ("\n".join([lines[0], *(each[:15] for each in lines[1:])]), "no value"),
        "one endless line": ("x" * 100_000, "column names|Timecode"),
    }


@pytest.mark.parametrize("name", bad_files())
def test_a_bad_file_is_named_with_its_row(tmp_path, name):
    content, words = bad_files()[name]
    path = written(tmp_path, content)
    with pytest.raises(FormatError, match=words) as error:
        read(path)
    assert path.name in str(error.value)
    assert "\n" not in str(error.value)


def test_a_row_far_down_is_named_rightly(tmp_path):
    lines = text_of([row(f) for f in range(30_000)]).splitlines()
    lines[25_000] = lines[25_000].replace("0.25", "oops", 1)
    with pytest.raises(FormatError, match="row 25001: “oops”"):
        read(written(tmp_path, "\n".join(lines)))


def test_no_such_file_and_a_folder_without_a_take(tmp_path):
    with pytest.raises(FormatError, match="no file"):
        read(tmp_path / "none.csv")
    with pytest.raises(FormatError, match=r"take\.json"):
        read(tmp_path)


def test_a_million_rows_are_read_in_seconds_and_little_memory(tmp_path):
    path = tmp_path / "long.csv"
    rest = "," + ",".join(["61", *["0.125"] * 52]) + "\n"
    header = ["Timecode", "BlendShapeCount", *columns()]
    with path.open("w") as stream:
        stream.write(",".join(header) + "\n")
        for first in range(0, 10**6, 1000):
            stream.writelines(timecode(f / 60) + rest for f in range(first, first + 1000))
    code = (
        "import resource, sys; from mien.models.formats import read;"
        "p = read(sys.argv[1]); assert len(p) == 10**6 and abs(p.duration - 999999 / 60) < 1e-6;"
        "used = resource.getrusage(resource.RUSAGE_SELF); peak = used.ru_maxrss\n"
        # On Linux a child's ru_maxrss begins at its parent's memory; VmHWM is its own.
        "if sys.platform == 'linux':\n"
        "    lines = open('/proc/self/status').read().splitlines()\n"
        "    peak = next(line.split()[1] for line in lines if line.startswith('VmHWM'))\n"
        "print(peak, used.ru_utime)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    path.unlink()
    memory, seconds = map(float, result.stdout.split())
    # It takes 5 s and 1.2 GB; a busy machine counts some more.
    assert seconds < 20
    assert memory * (1 if sys.platform == "darwin" else 1024) < 2e9


# --- Real recordings -----------------------------------------------------------------------


def recordings(shared: Path):
    return [
        path
        for path in sorted((shared / "performances").rglob("*.csv"))
        if path.name != "frame_log.csv"
    ]


@pytest.mark.shared
def test_real_recordings_come_back_as_they_are(shared, tmp_path):
    rates = {}
    for path in recordings(shared):
        recording = read_recording(path)
        result = recording.performance
        assert not recording.warnings
        assert result.channels == CHANNELS
        rates[path.name] = result.rate
        copy = tmp_path / path.name
        live_link.write(copy, result)
        again = read(copy)
        np.testing.assert_array_equal(again.weights, result.weights)
        np.testing.assert_array_equal(again.times, result.times)
        np.testing.assert_array_equal(again.eyes, result.eyes)
        assert (again.head is None) == (result.head is None)
    assert len(rates) == 8
    for name, rate in rates.items():
        assert rate == pytest.approx(30 if name.startswith("alex") else 60, abs=0.2)


@pytest.mark.shared
def test_the_apps_own_folder_has_the_logs_times(shared):
    folder = read(shared / "performances" / "train" / "sentien")
    table = read(shared / "performances" / "train" / "sentien" / "recording.csv")
    assert len(folder) == 1628
    assert 0 < np.abs(folder.times - table.times).max() < 2e-5
    assert folder.duration == pytest.approx(27.159957709, abs=1e-9)
    np.testing.assert_array_equal(folder.weights, table.weights)


@pytest.mark.shared
def test_eyes_and_eye_channels_tell_the_same_story(shared):
    for path in recordings(shared):
        result = read(path)
        look = result.channel("eyeLookOutLeft") - result.channel("eyeLookInLeft")
        down = result.channel("eyeLookDownLeft") - result.channel("eyeLookUpLeft")
        assert np.corrcoef(result.eyes[:, 1], look)[0, 1] > 0.9
        assert np.corrcoef(result.eyes[:, 0], down)[0, 1] > 0.9
