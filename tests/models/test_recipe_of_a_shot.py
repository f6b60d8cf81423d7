"""What a recipe says of one take alone stays with that take."""

from mien.models.recipe import STANDARD, Recipe, Step, resting_at
from mien.models.recipe_of_a_shot import for_the_shot, without_the_shot

TRIM = Step("trim", {"start": 1.0, "end": 2.0})
MIRROR = Step("mirror")


def test_any_take_may_use_what_is_left():
    said = Recipe((*resting_at(STANDARD, 0.5).steps, TRIM, MIRROR))
    assert without_the_shot(said) == Recipe((*STANDARD.steps, MIRROR))
    assert without_the_shot(STANDARD) == STANDARD


def test_a_preset_keeps_the_rest_and_the_trim_of_the_take():
    neutral, *others = resting_at(STANDARD, 0.5).steps
    shot = Recipe((neutral, TRIM, *others))
    preset = Recipe((Step("neutral", {"at": 9.0, "head": False}), MIRROR, Step("trim")))
    made = for_the_shot(preset, shot)
    assert made.steps == (Step("neutral", {"at": 0.5, "head": False}), TRIM, MIRROR)
    assert for_the_shot(Recipe((MIRROR,)), shot).steps == (TRIM, MIRROR)
    assert for_the_shot(preset, Recipe()).steps == (Step("neutral", {"head": False}), MIRROR)
