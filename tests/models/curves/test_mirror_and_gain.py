import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models import rotation
from mien.models.arkit import CHANNELS, REGIONS, mirrored
from mien.models.curves.gain import gain
from mien.models.curves.mirror import mirror
from mien.models.curves.symmetry import symmetry
from mien.models.errors import RecipeError
from mien.models.formats import live_link
from mien.models.performance import Performance
from mien.models.recipe import Recipe, Step, evaluate

quick = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 10**6)
some_channels = st.permutations(CHANNELS).map(lambda names: tuple(names[:20]))


@quick
@given(seeds, some_channels)
def test_mirrored_twice_it_is_the_same(performance_of, seed, channels):
    source = performance_of(seed, 10, channels=channels)
    assert mirror(mirror(source)) == source
    confidence = np.random.default_rng(seed).uniform(0, 1, (10, 20))
    source = source.replace(confidence=confidence)
    assert mirror(mirror(source)) == source


@quick
@given(seeds)
def test_each_side_gets_what_the_other_had(performance_of, seed):
    source = performance_of(seed, 5)
    result = mirror(source)
    assert result.channels == CHANNELS
    for name, other in (
        ("eyeBlinkLeft", "eyeBlinkRight"),
        ("jawLeft", "jawRight"),
        ("mouthRight", "mouthLeft"),
        ("eyeLookInLeft", "eyeLookInRight"),
        ("jawOpen", "jawOpen"),
        ("browInnerUp", "browInnerUp"),
    ):
        np.testing.assert_array_equal(result.channel(name), source.channel(other))
    np.testing.assert_array_equal(result.eyes[:, 0], source.eyes[:, 2])
    np.testing.assert_array_equal(result.eyes[:, 1], -source.eyes[:, 3])


@quick
@given(seeds)
def test_the_mirrored_head_is_its_picture_in_a_mirror(performance_of, seed):
    source = performance_of(seed, 5)
    result = mirror(source)
    flip = np.array([-1, 1, 1])
    points = np.random.default_rng(seed).normal(size=(5, 3))
    expected = rotation.turned(source.head[:, :4], points * flip) * flip
    np.testing.assert_allclose(rotation.turned(result.head[:, :4], points), expected, atol=1e-5)
    np.testing.assert_array_equal(result.head[:, 4:], source.head[:, 4:] * flip)
    yaw, pitch, roll = live_link.head_to_columns(source.head[:, :4]).T
    np.testing.assert_allclose(
        live_link.head_to_columns(result.head[:, :4]), np.stack([-yaw, pitch, -roll], 1), atol=1e-5
    )


def test_a_channel_without_a_counterpart_takes_its_name():
    source = Performance(weights=[[0.1, 0.2]], times=[0], channels=("eyeBlinkLeft", "jawOpen"))
    assert mirror(source).channels == ("eyeBlinkRight", "jawOpen")


def test_gain_of_one_changes_nothing(performance_of):
    source = performance_of()
    assert gain(source) == source
    assert gain(source, regions=dict.fromkeys(REGIONS, 1.0), head=1.0) == source


@quick
@given(seeds, st.floats(0, 3), st.floats(0, 3))
def test_factors_multiply_and_lids_do_not_cross(performance_of, seed, region, channel):
    source = performance_of(seed, 20)
    result = gain(source, regions={"mouth": region}, channels={"mouthPucker": channel})
    expected = np.minimum(source.channel("mouthPucker") * region * channel, 1)
    np.testing.assert_allclose(result.channel("mouthPucker"), expected, atol=1e-5)
    np.testing.assert_array_equal(result.channel("jawOpen"), source.channel("jawOpen"))
    assert result.weights.max() <= 1
    free = gain(source, overall=2.0, limit=False)
    np.testing.assert_allclose(free.weights, source.weights * 2, rtol=1e-6)


def test_what_was_past_one_may_stay_there():
    source = Performance(weights=[[1.05] * 52], times=[0])
    assert gain(source, overall=3.0).weights.max() == np.float32(1.05)


def test_eyes_go_with_their_region_and_the_head_with_its_angle(performance_of):
    source = performance_of(1, 30)
    result = gain(source, regions={"eyes": 0.5}, head=0.5)
    np.testing.assert_allclose(result.eyes, source.eyes / 2)

    def angle(head):
        return 2 * np.arccos(np.clip(np.abs(head[:, 0]), 0, 1))

    np.testing.assert_allclose(angle(result.head), angle(source.head) / 2, atol=1e-3)
    np.testing.assert_array_equal(result.head[:, 4:], source.head[:, 4:])
    still = gain(source, head=0.0)
    np.testing.assert_allclose(still.head[:, :4], [[1, 0, 0, 0]] * 30)


@pytest.mark.parametrize(
    "wrong",
    [
        {"regions": {"ears": 1.0}},
        {"channels": {"earsUp": 1.0}},
        {"overall": -1.0},
        {"head": float("nan")},
        {"regions": {"mouth": -0.1}},
    ],
)
def test_impossible_factors_are_refused(performance_of, wrong):
    with pytest.raises(RecipeError, match="Gain"):
        gain(performance_of(), **wrong)


# --- Offsets -------------------------------------------------------------------------------


@quick
@given(seeds, st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 2))
def test_offsets_are_added_after_factors_and_kept_to_the_range(
    performance_of, seed, region, channel, factor
):
    source = performance_of(seed, 20)
    result = gain(
        source, regions={"mouth": factor}, offsets={"mouth": region, "mouthPucker": channel}
    )
    own = source.weights * factor
    column = source.index("mouthFunnel")
    np.testing.assert_allclose(
        result.channel("mouthFunnel"), np.clip(own[:, column] + region, 0, 1), atol=1e-5
    )
    column = source.index("mouthPucker")
    np.testing.assert_allclose(
        result.channel("mouthPucker"), np.clip(own[:, column] + region + channel, 0, 1), atol=1e-5
    )
    np.testing.assert_array_equal(result.channel("jawOpen"), source.channel("jawOpen"))
    np.testing.assert_array_equal(result.eyes, source.eyes)
    free = gain(source, offsets={"mouth": region}, limit=False)
    np.testing.assert_allclose(
        free.channel("mouthFunnel"), source.channel("mouthFunnel") + region, atol=1e-6
    )


def test_an_offset_below_0_takes_away_what_rest_still_shows():
    source = Performance(weights=[[0.1], [0.5]], times=[0, 1], channels=("mouthSmileLeft",))
    result = gain(source, offsets={"mouth": -0.1})
    np.testing.assert_allclose(result.weights, [[0], [0.4]], atol=1e-7)


def test_what_was_below_0_may_stay_there():
    source = Performance(weights=[[-0.05] * 52], times=[0])
    assert gain(source, offsets={"jaw": -0.5}).weights.min() == np.float32(-0.05)


@pytest.mark.parametrize(
    "wrong", [{"ears": 0.1}, {"mouth": 1.5}, {"jawOpen": float("nan")}, {"mouth": -1.01}]
)
def test_impossible_offsets_are_refused(performance_of, wrong):
    with pytest.raises(RecipeError, match="Gain"):
        gain(performance_of(), offsets=wrong)


# --- Symmetry ------------------------------------------------------------------------------


@quick
@given(seeds, st.floats(0, 1))
def test_symmetry_brings_sides_together_by_its_amount(performance_of, seed, amount):
    source = performance_of(seed, 8)
    result = symmetry(source, amount=amount)
    for name in ("mouthSmileLeft", "browDownRight", "eyeBlinkLeft", "jawLeft"):
        before = source.channel(name) - source.channel(mirrored(name))
        after = result.channel(name) - result.channel(mirrored(name))
        np.testing.assert_allclose(after, (1 - amount) * before, atol=1e-6)
        np.testing.assert_allclose(
            result.channel(name) + result.channel(mirrored(name)),
            source.channel(name) + source.channel(mirrored(name)),
            atol=1e-6,
        )
    for name in CHANNELS:
        if mirrored(name) == name or name.startswith("eyeLook"):
            np.testing.assert_array_equal(result.channel(name), source.channel(name))
    np.testing.assert_array_equal(result.head, source.head)
    np.testing.assert_array_equal(result.eyes, source.eyes)


@quick
@given(seeds)
def test_full_symmetry_is_its_own_mirror_image_but_for_gaze(performance_of, seed):
    result = symmetry(performance_of(seed, 8, head=False, eyes=False))
    other = mirror(result)
    for name in CHANNELS:
        if not name.startswith("eyeLook"):
            np.testing.assert_allclose(result.channel(name), other.channel(name), atol=1e-7)
    np.testing.assert_allclose(symmetry(result).weights, result.weights, atol=1e-7)


@pytest.mark.parametrize(("side", "led"), [("left", "Right"), ("right", "Left")])
def test_one_side_leads_the_other(performance_of, side, led):
    source = performance_of(4, 8)
    result = symmetry(source, side=side)
    for name in CHANNELS:
        sideways = name in ("jawLeft", "jawRight", "mouthLeft", "mouthRight")
        follows = name.endswith(led) and not sideways and not name.startswith("eyeLook")
        expected = source.channel(mirrored(name) if follows else name)
        np.testing.assert_allclose(result.channel(name), expected, atol=1e-7)


def test_no_symmetry_changes_nothing_and_missing_counterparts_stay():
    source = Performance(weights=[[0.1, 0.2]], times=[0], channels=("eyeBlinkLeft", "jawOpen"))
    assert symmetry(source) == source
    both = Performance(weights=[[0.1, 0.2]], times=[0], channels=("eyeBlinkLeft", "eyeBlinkRight"))
    assert symmetry(both, amount=0.0) == both


@pytest.mark.parametrize("wrong", [{"amount": -0.1}, {"amount": 1.1}, {"side": "front"}])
def test_impossible_symmetry_is_refused(performance_of, wrong):
    with pytest.raises(RecipeError, match="Symmetry"):
        symmetry(performance_of(), **wrong)


def test_a_recipe_takes_them_as_steps(performance_of):
    source = performance_of(2, 12)
    recipe = Recipe(
        (
            Step("gain", {"regions": {"mouth": 0.5}, "offsets": {"brows": 0.1}}),
            Step("symmetry", {"amount": 0.5, "side": "left"}),
            Step("mirror", {}),
        )
    )
    expected = mirror(
        symmetry(
            gain(source, regions={"mouth": 0.5}, offsets={"brows": 0.1}), amount=0.5, side="left"
        )
    )
    assert evaluate(Recipe.from_json(recipe.to_json()), source) == expected
