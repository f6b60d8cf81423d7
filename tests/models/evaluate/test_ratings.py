# SPDX-License-Identifier: GPL-3.0-or-later
import csv

import pytest
from mien.models.errors import FormatError
from mien.models.evaluate.ratings import COLUMNS, summarise, write_sheet

CLIPS = {f"clip {n}": {"mien": f"{n}a.mp4", "filter": f"{n}b.mp4"} for n in range(20)}


def filled(path, answer):
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row[COLUMNS[-1]] = answer(row)
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "sheet.csv"
    write_sheet(path, CLIPS, seed=1)
    return path


def test_a_sheet_shows_every_pair_once_in_random_order_and_side(sheet):
    with sheet.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert sorted(row["clip"] for row in rows) == sorted(CLIPS)
    assert [row["clip"] for row in rows] != list(CLIPS)
    left = sum(row["left"].endswith("a.mp4") for row in rows)
    assert 3 < left < 17


def test_the_same_seed_gives_the_same_sheet(sheet, tmp_path):
    write_sheet(tmp_path / "again.csv", CLIPS, seed=1)
    assert (tmp_path / "again.csv").read_bytes() == sheet.read_bytes()


def test_answers_are_counted_whatever_side_they_were_on(sheet):
    def prefers_mien(row):
        if row["clip"] == "clip 3":
            return "same"
        if row["clip"] == "clip 4":
            return ""
        return "Left " if row["left"].endswith("a.mp4") else "right"

    filled(sheet, prefers_mien)
    result = summarise([sheet], CLIPS, "mien", "filter")
    assert (result.preferred, result.other, result.undecided) == (18, 0, 1)
    assert (result.share, round(result.low, 3), round(result.high, 3)) == (1, 0.824, 1)
    turned = summarise([sheet], CLIPS, "filter", "mien")
    assert (turned.preferred, turned.other) == (0, 18)


def test_an_empty_sheet_says_nothing(sheet):
    result = summarise([sheet], CLIPS, "mien", "filter")
    assert (result.share, result.low, result.high) == (0.5, 0, 1)


def test_answers_and_sheets_it_does_not_know_are_refused(sheet, tmp_path):
    filled(sheet, lambda row: "both")
    with pytest.raises(FormatError, match="row 2: “both”"):
        summarise([sheet], CLIPS, "mien", "filter")
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(FormatError, match="no sheet"):
        summarise([other], CLIPS, "mien", "filter")
    with pytest.raises(FormatError, match="cannot be read"):
        summarise([tmp_path / "none.csv"], CLIPS, "mien", "filter")


def test_there_must_be_something_to_compare(tmp_path):
    with pytest.raises(FormatError, match="two ways"):
        write_sheet(tmp_path / "sheet.csv", {"clip": {"mien": "a.mp4"}}, seed=0)
