"""What holds for every format: picked by content, written and read back, broken or whole."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mien.models import formats
from mien.models.arkit import CHANNELS
from mien.models.errors import FormatError
from mien.models.formats import FORMATS, read_recording, recognised
from mien.models.performance import Performance

from . import samples_of_formats as samples

quick = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
serial = itertools.count()
WRITTEN = [each for each in FORMATS if each.write]
CONTENT = {key: text.encode() for key, text in samples.TEXTS.items()}
CONTENT["facegood"] = samples.facegood()


def file_of(folder, content, name=None):
    path = folder / (name or f"file {next(serial)}.dat")
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_each_format_has_a_key_of_its_own():
    keys = [each.key for each in FORMATS]
    assert len(set(keys)) == len(keys)
    assert set(CONTENT) | {"take", "live-link"} == set(keys)


def test_the_documentation_lists_every_format():
    text = (Path(__file__).resolve().parents[3] / "docs" / "formats.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    for kind in FORMATS:
        row = next(row for row in rows if row.startswith(f"| {kind.name.split(' ')[0]}"))
        cells = [cell.strip() for cell in row.split("|")]
        written = kind.write is not None or kind.key == "take"
        assert (cells[2] == f"`{kind.key}`") == written
        assert cells[3] == "yes" and cells[4] == ("yes" if written else "no")
        assert "http" in row or kind.key == "live-link"


@pytest.mark.parametrize("key", CONTENT)
@pytest.mark.parametrize("ending", [".txt", ".csv", ".json", ".npz", ""])
def test_what_a_file_is_shows_in_its_content_not_its_ending(tmp_path, key, ending):
    path = file_of(tmp_path, CONTENT[key], f"recording{ending}")
    assert recognised(path).key == key
    recording = read_recording(path)
    assert len(recording.performance) >= 3
    assert recording.performance.source.text == path.name


@pytest.mark.parametrize("key", samples.TEXTS)
def test_marks_line_ends_and_utf_16_do_no_harm(tmp_path, key):
    text = samples.TEXTS[key]
    expected = read_recording(file_of(tmp_path, text, "x")).performance
    for content in (
        text.encode("utf-8-sig"),
        text.encode("utf-16"),
        text.replace("\n", "\r\n").encode(),
        text.rstrip("\n").encode(),
    ):
        assert read_recording(file_of(tmp_path, content, "x")).performance == expected


@pytest.mark.parametrize("kind", WRITTEN, ids=lambda kind: kind.key)
@quick
@given(seed=st.integers(0, 10**6), frames=st.integers(1, 40), rate=st.sampled_from([24, 30, 60]))
def test_what_is_written_is_what_is_read(tmp_path, performance_of, kind, seed, frames, rate):
    source = performance_of(seed, frames, rate, head=seed % 2, eyes=seed % 3)
    path = tmp_path / f"{next(serial)}{kind.suffixes[0]}"
    kind.write(path, source, False)
    assert recognised(path).key == kind.key
    result = read_recording(path).performance
    for channel in CHANNELS:
        np.testing.assert_allclose(result.channel(channel), source.channel(channel), atol=2e-7)
    np.testing.assert_allclose(result.times, source.times, atol=0.0005)
    if frames > 2:
        assert result.rate == pytest.approx(rate, rel=1e-6)
    if kind.key in ("audio2face", "facegood"):
        assert result.head is None and result.eyes is None
        return
    assert (result.head is None) == (source.head is None)
    assert (result.eyes is None) == (source.eyes is None)
    if source.head is not None:
        same = np.abs(np.sum(result.head[:, :4] * source.head[:, :4], axis=1))
        np.testing.assert_allclose(same, 1, atol=1e-6)
        if kind.key != "live-link":
            np.testing.assert_allclose(result.head[:, 4:], source.head[:, 4:], atol=1e-6)
    if source.eyes is not None:
        np.testing.assert_allclose(result.eyes, source.eyes, atol=1e-6)


@pytest.mark.parametrize("key", ["ifacialmocap", "arkit-json", "facegood"])
@quick
@given(seed=st.integers(0, 10**6), frames=st.integers(2, 40))
def test_uneven_times_come_back(tmp_path, performance_of, key, seed, frames):
    source = performance_of(seed, frames, rate=31.7, uneven=True)
    path = tmp_path / f"{next(serial)}"
    formats.write(path, source, key)
    np.testing.assert_array_equal(formats.read(path).times, source.times)


@pytest.mark.parametrize("kind", WRITTEN, ids=lambda kind: kind.key)
def test_a_channel_of_ones_own_comes_along_and_nothing_is_overwritten(tmp_path, kind):
    path = tmp_path / "own"
    source = Performance(
        weights=[[0.5, 0.25]] * 3, times=[0, 0.1, 0.2], channels=("tail", "jawOpen")
    )
    kind.write(path, source, False)
    before = path.read_bytes()
    assert formats.read(path).channel("jawOpen")[0] == 0.25
    if kind.key not in ("live-link", "ifacialmocap"):
        assert formats.read(path).channel("tail")[0] == 0.5
    with pytest.raises(FormatError, match="already"):
        kind.write(path, source, False)
    assert path.read_bytes() == before
    kind.write(path, source, True)
    with pytest.raises(FormatError, match="cannot be written"):
        kind.write(tmp_path / "no folder" / "x", source, False)
    assert sorted(tmp_path.iterdir()) == [path]


def test_only_what_is_written_by_others_is_written(tmp_path, performance_of):
    for key in ("openface", "py-feat", "take", "unknown"):
        with pytest.raises(FormatError, match="does not write"):
            formats.write(tmp_path / "x", performance_of(), key)
    assert not list(tmp_path.iterdir())


# --- Broken files --------------------------------------------------------------------------


def damage(data, draw):
    """One of the ways in which files come to harm."""
    at = draw(st.integers(0, len(data)))
    lines = data.split(b"\n")
    line = draw(st.integers(0, len(lines) - 1))
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + draw(st.binary(min_size=1, max_size=8)) + data[at:]
    if kind == 2:
        return data[:at] + draw(st.binary(min_size=1, max_size=8)) + data[at + 4 :]
    if kind == 3:
        return b"\n".join(lines[:line] + lines[line + 1 :])
    if kind == 4:
        return b"\n".join([*lines[:line], lines[line], *lines[line:]])
    if kind == 5:
        return b"\n".join(reversed(lines))
    if kind == 6:
        word = draw(st.sampled_from([b"nan", b"inf", b"-1e400", b"1e39", b"", b"\xe4", b"{", b"|"]))
        return data[:at] + word + data[at:]
    if kind == 7:
        return data.replace(b",", b";", draw(st.integers(1, 50)))
    if kind == 8:
        return data.decode("latin-1").encode("utf-16-be")
    return data[: at // 2] + data[at:]


@pytest.mark.parametrize("key", CONTENT)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_broken_file_is_refused_by_name_or_read_as_a_performance(tmp_path, key, data):
    content = damage(CONTENT[key], data.draw)
    path = file_of(tmp_path, content, "broken file")
    own = next(each for each in FORMATS if each.key == key)
    for read in (read_recording, own.read):
        try:
            recording = read(path)
        except FormatError as error:
            assert "broken file" in str(error)
            assert "\n" not in str(error)
        else:
            # What can still be read is within what a face does.
            assert np.isfinite(recording.performance.weights).all()
            assert np.abs(recording.performance.weights).max() <= 1000


@pytest.mark.parametrize("key", CONTENT)
@pytest.mark.parametrize("content", [b"", b" \n\n", b"\xff\xfe\x00", b"PK\x03\x04", b"{}", b"[]"])
def test_what_is_nothing_at_all_is_refused(tmp_path, key, content):
    path = file_of(tmp_path, content, "nothing")
    own = next(each for each in FORMATS if each.key == key)
    assert not own.recognises(path)
    for read in (read_recording, own.read):
        with pytest.raises(FormatError, match="nothing"):
            read(path)


@pytest.mark.parametrize("key", CONTENT)
def test_a_folder_and_a_missing_file_are_refused(tmp_path, key):
    own = next(each for each in FORMATS if each.key == key)
    for path in (tmp_path, tmp_path / "missing"):
        assert not own.recognises(path)
        with pytest.raises(FormatError):
            own.read(path)
        with pytest.raises(FormatError):
            read_recording(path)
