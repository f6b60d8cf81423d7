# SPDX-License-Identifier: GPL-3.0-or-later
"""Marks made by eye, and the scores against them, counted by hand."""

import collections
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mien.benchmarks.marks import marked, questions, scoring
from mien.benchmarks.marks.pictures import Moment, most
from mien.benchmarks.real_footage import Capture as Captured
from mien.benchmarks.real_footage import differing, markdown, scored, wrong
from mien.models.arkit import CHANNELS

HEADER = ",".join(["clip", "frame", *marked.WORDS])
REST = ["open", "open", "closed", "no", "no", "rest", "rest", "flat", "hidden"]


def row(clip, frame, **words):
    return marked.Mark(clip, frame, dict(zip(marked.WORDS, REST, strict=True)) | words)


def weights(frames, **channels):
    result = np.zeros((frames, len(CHANNELS)))
    for name, values in channels.items():
        result[:, CHANNELS.index(name)] = values
    return result


def test_every_mark_is_of_a_clip_and_a_word_that_is_known():
    marks = marked.read_marks()
    assert len(marks) >= 400
    clips = {mark.clip for mark in marks}
    assert len(clips) == 9
    assert all(closure.clip in clips for closure in marked.read_closures())
    lids = collections.Counter(mark.words["lids_left"] for mark in marks)
    assert min(lids["open"], lids["half"], lids["closed"]) > 20


def test_where_a_closure_is_marked_no_mark_calls_the_lips_open():
    for closure in marked.read_closures():
        within = [
            mark.words["lips"]
            for mark in marked.read_marks()
            if mark.clip == closure.clip and closure.first <= mark.frame <= closure.last
        ]
        assert "open" not in within


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["a,0," + ",".join(["ajar", *REST[1:]])], "line 2: “lids_left” cannot be “ajar”"),
        (["a,0," + ",".join(REST)] * 2, "line 3: this frame is marked twice"),
    ],
)
def test_a_wrong_row_is_named_by_its_line(tmp_path, lines, words):
    path = tmp_path / "marks.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        marked.read_marks(path)


def test_a_closure_that_ends_before_it_begins_is_refused(tmp_path):
    path = tmp_path / "closures.csv"
    path.write_text("clip,first,last,why\na,5,4,b\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 2: the last frame comes before the first"):
        marked.read_closures(path)


def test_area_counts_pairs():
    # Of 3 × 2 pairs: 0.9 above both, 0.5 above 0.1 and tied with 0.5, 0.2 above 0.1 only.
    assert scoring.area(np.array([0.9, 0.5, 0.2]), np.array([0.1, 0.5])) == pytest.approx(4.5 / 6)
    assert math.isnan(scoring.area(np.array([]), np.array([0.5])))


@given(
    st.lists(st.integers(0, 8), min_size=1, max_size=12),
    st.lists(st.integers(0, 8), min_size=1, max_size=12),
)
def test_area_turns_round_with_its_sides_and_the_best_threshold_has_no_better(yes, no):
    yes, no = np.array(yes) / 8, np.array(no) / 8
    assert scoring.area(yes, no) == pytest.approx(1 - scoring.area(no, yes))
    best = scoring.best(yes, no)
    assert best.balanced >= 0.5
    assert all(
        best.balanced >= scoring.at(threshold, yes, no).balanced - 1e-12
        for threshold in np.linspace(-0.05, 1.05, 23)
    )


def test_the_best_threshold_lies_between_two_values():
    best = scoring.best(np.array([0.4, 0.6, 0.8]), np.array([0.0, 0.2, 0.5, 0.1]))
    # From 0.3 on: all three hits, one of four false alarms; from 0.55 on: two hits, none.
    assert best.threshold == pytest.approx(0.3)
    assert (best.hits, best.false_alarms) == (1.0, 0.25)
    assert best.balanced == pytest.approx(0.875)


def test_a_fixed_threshold_counts_what_reaches_it():
    shares = scoring.at(0.5, np.array([0.5, 0.4]), np.array([0.6, 0.1, 0.2, 0.3]))
    assert (shares.hits, shares.false_alarms, shares.balanced) == (0.5, 0.25, 0.625)


def test_a_fall_is_measured_against_the_widest_near_by():
    times = np.arange(12) / 25
    aperture = np.array([9.0, 0.2, 0.4, 0.3, 0.3, 0.1, 0.05, 0.1, 0.2, 0.6, 0.3, 0.1])
    closed = scoring.fall(aperture, times, 5, 7)
    # 0.24 s are six frames: frame 0 lies within them of frame 5, not of frame 7.
    assert closed.lowest == 0.05
    assert closed.beside == pytest.approx((9.0 + 0.6) / 2)
    later = scoring.fall(aperture, times, 7, 7)
    assert later.beside == pytest.approx((0.4 + 0.6) / 2)
    assert later.part == pytest.approx(0.2)
    assert later.shut
    assert not scoring.fall(aperture, times, 8, 8).shut


def test_lips_that_never_part_are_no_closure_that_was_seen():
    still = scoring.fall(np.zeros(9), np.arange(9) / 25, 4, 5)
    assert still.part == 1
    assert not still.shut


def test_both_sides_of_the_face_count_and_unclear_marks_do_not():
    question = questions.Question(
        "lids", ("closed",), ("open",), 0.5,
        {
            "lids_left": questions.channel("eyeBlinkLeft"),
            "lids_right": questions.channel("eyeBlinkRight"),
        },
    )  # fmt: skip
    marks = [
        row("a", 0),
        row("a", 1, lids_left="closed", lids_right="unclear"),
        row("b", 0, lids_left="closed", lids_right="half"),
    ]
    seen = {
        "a": weights(2, eyeBlinkLeft=[0.1, 0.6], eyeBlinkRight=[0.2, 1.0]),
        "b": weights(1, eyeBlinkLeft=[0.15]),
    }
    answer = questions.answer(question, marks, seen)
    assert (answer.yes, answer.no) == (2, 2)
    # 0.6 and 0.15 against 0.1 and 0.2.
    assert answer.area == 0.75
    assert math.isnan(answer.within)
    assert (answer.usual_yes, answer.usual_no) == pytest.approx((0.375, 0.15))
    assert (answer.fixed.hits, answer.fixed.false_alarms) == (0.5, 0)


def test_an_aperture_is_what_mouth_close_leaves_of_the_jaw():
    assert questions.aperture(weights(1, jawOpen=0.5, mouthClose=0.4)) == pytest.approx(0.1)


def test_what_is_on_at_rest_is_each_regions_largest_weight_without_gaze():
    seen = weights(
        3, eyeSquintLeft=[0.1, 0.3, 1], eyeLookUpLeft=0.9, jawOpen=[0.2, 0.0, 1], mouthClose=0.05
    )
    marks = [row("a", 0), row("a", 1), row("a", 2, smile="unclear")]
    resting = questions.at_rest(marks, {"a": seen})
    assert resting["eyes"] == pytest.approx(0.2)
    assert resting["jaw"] == pytest.approx(0.1)
    assert resting["mouth"] == pytest.approx(0.05)
    assert resting["brows"] == 0


def test_moments_stand_apart():
    moments = [Moment("a", frame, amount, ()) for frame, amount in ((0, 1), (3, 9), (11, 5))]
    chosen = most([*moments, Moment("b", 4, 2, ())], 3)
    assert [(each.clip, each.frame) for each in chosen] == [("a", 3), ("a", 11), ("b", 4)]


def test_a_capture_is_scored_and_what_is_wrong_is_named():
    gap = {name: questions.Gap(0.8, weights(1, jawOpen=2.0)[0]) for name in ("lips",)}
    gap |= {
        side: questions.Gap(0.8, weights(1, eyeBlinkLeft=-0.8)[0]) for side in ("left", "right")
    }
    asked = questions.questions(gap)
    marks = [row("a", 0), row("a", 1, lips="open"), row("a", 2, lips="open"), row("a", 3)]
    closures = [marked.Closure("a", 3, 3, "b of “bin”")]
    seen = Captured(
        np.arange(5) / 25, weights(5, jawOpen=[0, 0.6, 0, 0, 0.4]), np.zeros((5, 478, 3))
    )
    results = {"one": scored({"a": seen}, marks, closures, asked, gap)}
    lips = next(question for question in asked if question.name.startswith("lips open: jaw"))
    assert results["one"].answers[lips.name].area == 0.75
    assert [fall.part for fall in results["one"].falls["lips of a head"]] == [0]
    assert [moment.frame for moment in wrong(lips, marks, results, "one")] == [2]
    later = Captured(seen.times, weights(5, jawOpen=[0, 0.6, 0, 0, 0.1]), seen.landmarks)
    results["other"] = scored({"a": later}, marks, closures, asked, gap)
    first = differing(lips, results, "one", "other")[0]
    assert (first.frame, first.lines) == (4, ("lips", "one 0.40", "other 0.10"))
    table = markdown({"one": results["one"]}, asked, closures)
    assert "| b of “bin” | a 3–3 | jawOpen − mouthClose | 0.00 (0.00 of 0.50) |" in table
    assert "| **seen to be closed** |  | lips of a head | 1 of 1 |" in table


@pytest.mark.shared
def test_a_heads_lips_and_lids_move_as_their_channels_say(shared):
    gap = questions.gaps(shared)
    assert gap["lips"].opened(weights(1, jawOpen=1)) > 2
    assert abs(gap["lips"].opened(weights(1, jawOpen=0.5, mouthClose=0.4))) < 0.2
    for side, blink, other in (
        ("left", "eyeBlinkLeft", "eyeBlinkRight"),
        ("right", "eyeBlinkRight", "eyeBlinkLeft"),
    ):
        shut = gap[side].opened(weights(1, **{blink: 1})) / gap[side].rest
        assert shut == pytest.approx(-1, abs=0.1)
        assert gap[side].opened(weights(1, **{other: 1})) == pytest.approx(0, abs=0.01)
