import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models import rotation
from mien.models.arkit import CHANNELS
from mien.models.capture.calibration import MOST, Neutral, find_neutral, neutral_at, remove_neutral
from mien.models.capture.gaps import eased_weights
from mien.models.capture.gaze import eyes_from_weights
from mien.models.errors import PerformanceError
from mien.models.formats import read
from mien.models.performance import Performance

quick = settings(max_examples=40, deadline=None)
weight = st.floats(0, 1, width=32)

# What a tracker reads from a resting face, as measured over many clips.
REST = {
    "eyeSquintLeft": 0.20,
    "eyeSquintRight": 0.22,
    "eyeLookDownLeft": 0.34,
    "eyeLookDownRight": 0.33,
    "eyeBlinkLeft": 0.06,
    "eyeBlinkRight": 0.05,
    "browDownLeft": 0.12,
    "browDownRight": 0.10,
    "mouthPressLeft": 0.10,
}


def pose(**changes):
    values = np.zeros(len(CHANNELS))
    for name, value in {**REST, **changes}.items():
        values[CHANNELS.index(name)] = value
    return values


def acted(*parts, rate=30, noise=0.01, seed=0):
    """Poses held for so many seconds each, a third of a second from one to the next."""
    random = np.random.default_rng(seed)
    rows, last = [], parts[0][0]
    for target, seconds in parts:
        ease = np.linspace(0, 1, rate // 3)[:, None]
        rows += [last + (target - last) * ease, np.tile(target, (int(seconds * rate), 1))]
        last = target
    weights = np.concatenate(rows)
    weights = np.clip(weights + random.normal(0, noise, weights.shape), 0, 1)
    return Performance(weights=weights, times=np.arange(len(weights)) / rate)


def rest_weights():
    return pose()


SHUT = {"eyeBlinkLeft": 0.9, "eyeBlinkRight": 0.9, "eyeLookDownLeft": 0.7, "eyeSquintLeft": 0.5}
SMILE = {"mouthSmileLeft": 0.85, "mouthSmileRight": 0.8, "cheekSquintLeft": 0.2}


@pytest.mark.parametrize(
    "others",
    [
        [(SHUT, 20)],
        [({"jawOpen": 0.7, "mouthFunnel": 0.4}, 20)],
        [(SMILE, 12)],
        [({"browInnerUp": 0.8, "browOuterUpLeft": 0.9, "eyeWideLeft": 0.4}, 12)],
        [({"eyeLookDownLeft": 0.9, "eyeLookDownRight": 0.9, "jawOpen": 0.2}, 4)],
        [(SHUT, 4), (SMILE, 4), ({"jawOpen": 0.8}, 4), ({"mouthPucker": 0.9}, 4)],
    ],
    ids=["eyes shut", "mouth open", "smile", "brows up", "reading", "many"],
)
def test_rest_is_found_though_something_else_lasts_longer(others):
    parts = [(pose(), 1.5)]
    for changes, seconds in others:
        parts += [(pose(**changes), seconds), (pose(), 0.7)]
    source = acted(*parts)
    neutral = find_neutral(source)
    np.testing.assert_allclose(neutral.weights, rest_weights(), atol=0.06)
    shown = source.weights[np.argmin(np.abs(source.times - neutral.time))]
    np.testing.assert_allclose(shown, rest_weights(), atol=0.1)
    removed = remove_neutral(source, neutral)
    at_rest = np.abs(source.weights - rest_weights()).max(axis=1) < 0.05
    assert removed.weights[at_rest].mean() < 0.01


def test_rest_is_found_in_speech():
    """A mouth that never stops, with pauses: rest is where it pauses."""
    time = np.arange(1200) / 60
    talk = np.clip(np.sin(2 * np.pi * 3 * time) * (np.sin(2 * np.pi * 0.2 * time) > -0.6), 0, 1)
    weights = np.tile(pose(), (1200, 1))
    weights[:, CHANNELS.index("jawOpen")] = 0.4 * talk
    weights[:, CHANNELS.index("mouthFunnel")] = 0.3 * talk**2
    neutral = find_neutral(Performance(weights=weights, times=time))
    np.testing.assert_allclose(neutral.weights, pose(), atol=0.06)


def test_who_smiles_all_through_still_smiles():
    source = acted((pose(**SMILE), 10))
    result = remove_neutral(source, find_neutral(source))
    assert result.channel("mouthSmileLeft").mean() > 0.75
    assert result.channel("eyeSquintLeft").mean() < 0.03


def test_frames_without_a_face_have_no_say():
    source = acted((pose(), 2))
    weights, confidence = np.array(source.weights), np.ones(len(source))
    weights[20:], confidence[20:] = 0, 0
    neutral = find_neutral(source.replace(weights=weights, confidence=confidence))
    np.testing.assert_allclose(neutral.weights, rest_weights(), atol=0.05)
    nothing = find_neutral(source.replace(confidence=np.zeros(len(source))))
    assert (nothing.weights == 0).all()


def test_a_long_take_is_calibrated_in_a_moment(performance_of):
    source = performance_of(0, 36_000)
    assert find_neutral(source).weights.shape == (52,)


@quick
@given(st.integers(0, 10**6), st.integers(1, 60))
def test_a_neutral_is_always_found(performance_of, seed, frames):
    source = performance_of(seed, frames, 30, uneven=seed % 2, confidence=True)
    neutral = find_neutral(source)
    assert (neutral.weights >= 0).all()
    assert (neutral.weights <= MOST).all()
    assert 0 <= neutral.time <= source.duration
    assert abs(np.linalg.norm(neutral.head) - 1) < 1e-6
    remove_neutral(source, neutral)


@quick
@given(
    st.lists(weight, min_size=52, max_size=52),
    st.lists(weight, min_size=52, max_size=52),
    st.lists(st.floats(0, MOST), min_size=52, max_size=52),
)
def test_rest_becomes_zero_full_stays_full_and_more_stays_more(first, second, rest):
    low, high = np.minimum(first, second), np.maximum(first, second)
    source = Performance(weights=[rest, np.ones(52), low, high], times=range(4))
    result = remove_neutral(source, Neutral(np.array(rest), 0.0)).weights
    np.testing.assert_allclose(result[0], 0, atol=1e-6)
    np.testing.assert_array_equal(result[1], np.ones(52, np.float32))
    assert (result >= 0).all()
    assert (result <= 1).all()
    alone = [
        index
        for index, name in enumerate(CHANNELS)
        if not name.startswith(("eyeLook", "jawLeft", "jawRight", "mouthLeft", "mouthRight"))
    ]
    assert (result[2, alone] <= result[3, alone] + 1e-6).all()


def test_no_more_is_taken_than_a_rest_can_be():
    source = Performance(weights=[[0.9] * 52], times=[0])
    result = remove_neutral(source, Neutral(np.full(52, 0.9), 0.0)).weights
    np.testing.assert_allclose(result[0, CHANNELS.index("jawOpen")], 0.3 / 0.4, atol=1e-6)


def test_less_than_rest_looks_the_other_way():
    names = ("eyeLookDownLeft", "eyeLookUpLeft", "jawLeft", "jawRight", "eyeSquintLeft")
    weights = [[0.34, 0, 0.1, 0, 0.2], [0.1, 0, 0, 0, 0], [0, 1, 0, 0.5, 1], [1, 0, 1, 0, 0.2]]
    source = Performance(weights=weights, times=range(4), channels=names)
    result = remove_neutral(source, Neutral(np.array([0.34, 0, 0.1, 0, 0.2]), 0.0)).weights
    np.testing.assert_allclose(result[0], 0, atol=1e-6)
    np.testing.assert_allclose(result[1], [0, 0.24, 0, 0.1, 0], atol=1e-6)
    np.testing.assert_allclose(result[2], [0, 1, 0, 0.55, 1], atol=1e-6)
    np.testing.assert_allclose(result[3], [1, 0, 1, 0, 0], atol=1e-6)


def test_eyes_follow_their_channels_or_their_own_rest(performance_of):
    source = acted((pose(), 2), (pose(eyeLookDownLeft=0.8, eyeLookDownRight=0.8), 1))
    source = source.replace(eyes=eyes_from_weights(source.weights) + 0.01)
    result = remove_neutral(source, find_neutral(source))
    np.testing.assert_allclose(result.eyes, eyes_from_weights(result.weights) + 0.01, atol=1e-5)
    bare = performance_of(channels=("jawOpen",))
    neutral = neutral_at(bare, 0.3)
    np.testing.assert_allclose(
        remove_neutral(bare, neutral).eyes, bare.eyes - neutral.eyes, atol=1e-6
    )


def test_the_head_faces_forward_at_rest_and_nods_in_its_own_axes():
    camera_aside = rotation.from_yaw_pitch_roll([0.4, 0.1, 0])
    nods = rotation.from_yaw_pitch_roll([[0, a, 0] for a in (0, 0, 0, 0.3)])
    head = np.concatenate(
        [rotation.multiply(camera_aside, nods), np.tile([0.1, 0.2, -0.5], (4, 1))], axis=1
    )
    head[3, 4] += 0.01
    source = Performance(weights=np.zeros((4, 52)), times=range(4), head=head)
    neutral = neutral_at(source, 1)
    result = remove_neutral(source, neutral).head
    np.testing.assert_allclose(result[:, :4], nods, atol=1e-6)
    np.testing.assert_allclose(result[:3, 4:], [[0.1, 0.2, -0.5]] * 3, atol=1e-6)
    moved = rotation.turned(rotation.inverse(camera_aside), [0.01, 0, 0])
    np.testing.assert_allclose(result[3, 4:] - result[0, 4:], moved, atol=1e-6)
    kept = remove_neutral(source, neutral, head=False).head
    np.testing.assert_array_equal(kept, source.head)


def test_what_stands_in_for_a_lost_face_fades_from_where_it_was():
    source = acted((pose(eyeLookDownLeft=0.1), 3))
    seen = np.ones(len(source), bool)
    seen[:5], seen[30:] = False, False
    raw = np.where(seen[:, None], source.weights, 0)
    source = source.replace(
        weights=eased_weights(raw, seen, source.times), confidence=seen.astype(float)
    )
    result = remove_neutral(source, Neutral(rest_weights(), 0.0)).weights
    assert np.abs(np.diff(result[29:], axis=0)).max() < 0.03
    assert (result[-1] == 0).all()
    assert (result[:5] == 0).all()


def test_a_neutral_from_a_time_is_the_pose_there():
    source = acted((pose(), 2), (pose(**SMILE), 2))
    np.testing.assert_allclose(neutral_at(source, 1.0).weights, rest_weights(), atol=0.03)
    assert neutral_at(source, 4.0).weights[CHANNELS.index("mouthSmileLeft")] > 0.8
    for seconds in (-1, 100, float("nan")):
        with pytest.raises(PerformanceError, match="no neutral at"):
            neutral_at(source, seconds)
    with pytest.raises(PerformanceError, match="No face"):
        neutral_at(source.replace(confidence=np.zeros(len(source))), 1.0)
    with pytest.raises(PerformanceError, match="other channels"):
        remove_neutral(source, Neutral(np.zeros(3), 0.0))


@pytest.mark.shared
def test_real_recordings_keep_their_blinks_and_lose_their_rest(shared):
    for path in sorted((shared / "performances").rglob("*.csv")):
        if path.name == "frame_log.csv":
            continue
        source = read(path)
        neutral = find_neutral(source)
        result = remove_neutral(source, neutral)
        for name in ("eyeBlinkLeft", "eyeBlinkRight"):
            assert neutral.weights[source.index(name)] < 0.2
            assert result.channel(name).max() > source.channel(name).max() - 0.05
        assert neutral.weights[source.index("jawOpen")] < 0.15
        frame = int(np.argmin(np.abs(source.times - neutral.time)))
        assert result.weights[frame].max() < 0.25
