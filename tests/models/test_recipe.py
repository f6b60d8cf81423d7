import json
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models import recipe as recipes
from mien.models import steps
from mien.models.cache import FolderCache, MemoryCache
from mien.models.capture.calibration import find_neutral, neutral_at, remove_neutral
from mien.models.curves.clean import clean
from mien.models.curves.mirror import mirror
from mien.models.errors import Cancelled, PerformanceError, RecipeError
from mien.models.gan.refine import refine
from mien.models.gan.runtime import FOLDER
from mien.models.performance import Source
from mien.models.recipe import STANDARD, Recipe, Step, evaluate
from mien.models.steps import STEPS, Kind, defaults
from mien.models.take import read_take, write_take

TINY = Path(__file__).parent / "gan" / "tiny"
EVERY = Recipe(
    (
        Step("trim", {"start": 0.1, "end": -0.1}),
        Step("neutral", {"at": 0.2, "head": False}),
        Step("clean", {"method": "gaussian", "cutoff": 6}),
        Step("gain", {"regions": {"mouth": 1.2}, "offsets": {"brows": 0.1}, "head": 0.8}),
        Step("mirror"),
        Step("symmetry", {"amount": 0.5, "side": "left"}),
        Step("retime", {"rate": 24}),
        Step("refine", {"strength": 0.7, "regions": {"mouth": 0.5}, "live": True}),
        Step("vary", {"amount": 0.5, "seed": 3, "regions": {"brows": 1}}),
        Step("direct", {"emotion": "sadness", "intensity": 0.5, "speech": False}),
    )
)


def test_the_standard_takes_out_the_neutral_mends_and_refines(performance_of):
    source = performance_of(1, 120)
    mended = clean(remove_neutral(source, find_neutral(source)), smooth_weights=False)
    assert evaluate(STANDARD, source) == refine(mended, 0.9)
    assert [step.name for step in STANDARD.steps] == ["neutral", "clean", "refine"]


def test_settings_that_no_step_says_can_be_filled_in():
    said = Recipe((Step("refine", {"weights": "mine"}), Step("clean"), Step("refine")))
    filled = said.where_unsaid("refine", weights="studio")
    assert [step.settings.get("weights") for step in filled.steps] == ["mine", None, "studio"]
    with pytest.raises(RecipeError, match="no setting"):
        said.where_unsaid("refine", heights="studio")


def test_other_weights_of_the_refiner_are_another_result(performance_of, tmp_path):
    own, tiny = (Recipe((Step("refine", {"weights": folder}),)) for folder in ("", str(TINY)))
    cache = MemoryCache()
    assert evaluate(own, performance_of(1), cache) != evaluate(tiny, performance_of(1), cache)
    copied = tmp_path / "weights"
    shutil.copytree(TINY, copied)
    mine = Recipe((Step("refine", {"weights": str(copied)}),))
    before = evaluate(mine, performance_of(1), cache)
    for file in FOLDER.iterdir():
        shutil.copy(file, copied)
    assert evaluate(mine, performance_of(1), cache) != before


def test_steps_are_done_in_order(performance_of):
    source = performance_of(2, 60)
    first = Recipe((Step("gain", {"channels": {"jawLeft": 0.0}}), Step("mirror")))
    second = Recipe((Step("mirror"), Step("gain", {"channels": {"jawLeft": 0.0}})))
    assert evaluate(first, source).channel("jawRight").max() == 0
    assert evaluate(second, source).channel("jawLeft").max() == 0
    assert evaluate(Recipe(), source) is source
    assert evaluate(Recipe((Step("mirror"),)), source) == mirror(source)
    named = Recipe((Step("neutral", {"at": 0.5}),))
    assert evaluate(named, source) == remove_neutral(source, neutral_at(source, 0.5))


def test_a_recipe_comes_back_from_its_text():
    for recipe in (Recipe(), STANDARD, EVERY):
        assert Recipe.from_json(recipe.to_json()) == recipe
    assert {step.name for step in EVERY.steps} == set(STEPS)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.builds(lambda v: Step("clean", {"cutoff": v}), st.floats(0.1, 30)),
            st.builds(lambda v: Step("trim", {"start": v, "end": None}), st.floats(0, 10)),
            st.builds(
                lambda v: Step("gain", {"regions": v}),
                st.dictionaries(st.sampled_from(["mouth", "eyes"]), st.floats(0, 2)),
            ),
            st.just(Step("mirror")),
        ),
        max_size=5,
    )
)
def test_any_recipe_comes_back_from_its_text(listed):
    recipe = Recipe(tuple(listed))
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert Recipe.from_json(recipe.to_json()).to_json() == recipe.to_json()


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("polish", {}, "no step “polish”"),
        ("clean", {"strength": 1}, "no setting “strength”.*cutoff"),
        ("mirror", {"axis": "x"}, "it has none"),
        ("clean", {"cutoff": "8"}, "must be a number"),
        ("clean", {"cutoff": True}, "must be a number"),
        ("clean", {"cutoff": float("nan")}, "must be a number"),
        ("clean", {"method": "magic"}, "one of butterworth, gaussian"),
        ("clean", {"rotations": 1}, "true or false"),
        ("neutral", {"at": "auto"}, "must be a number"),
        ("gain", {"regions": [1]}, "names with values"),
        ("gain", {"regions": {"mouth": None}}, "must be a number"),
    ],
)
def test_a_step_that_cannot_be_is_refused_at_once(name, settings, words):
    with pytest.raises(RecipeError, match=words):
        Step(name, settings)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "3",
        "{}",
        '{"mien_recipe": 1}',
        '{"mien_recipe": 1, "steps": 3}',
        '{"mien_recipe": 1, "steps": [{}]}',
        '{"mien_recipe": 1, "steps": ["clean"]}',
        '{"mien_recipe": 1, "steps": [{"step": "clean", "settings": 3}]}',
        '{"mien_recipe": 99, "steps": []}',
        '{"mien_recipe": 1, "steps": [{"step": "polish"}]}',
    ],
)
def test_what_is_no_recipe_is_refused(text):
    with pytest.raises(RecipeError):
        Recipe.from_json(text)


def test_settings_are_the_same_however_they_are_written():
    assert Step("clean", {"cutoff": 8}) == Step("clean", {"cutoff": 8.0})
    text = json.dumps(
        {"mien_recipe": 1, "steps": [{"step": "clean", "settings": {"cutoff": np.float64(8)}}]}
    )
    assert Recipe.from_json(text).steps[0].settings == {"cutoff": 8.0}


def test_every_step_has_settings_with_defaults_that_it_takes(performance_of):
    for name in STEPS:
        given = {key: value for key, value in defaults(name).items() if value is not None}
        assert evaluate(Recipe((Step(name, given),)), performance_of()) == evaluate(
            Recipe((Step(name),)), performance_of()
        )


def test_errors_of_steps_reach_the_caller(performance_of):
    with pytest.raises(PerformanceError, match="no neutral"):
        evaluate(Recipe((Step("neutral", {"at": 100}),)), performance_of())
    with pytest.raises(RecipeError, match="nothing lies between"):
        evaluate(Recipe((Step("trim", {"start": 100}),)), performance_of())


def test_progress_is_told_and_can_stop(performance_of):
    told = []
    evaluate(EVERY, performance_of(), progress=lambda share, words: told.append((share, words)))
    count = len(EVERY.steps)
    assert [share for share, _ in told] == [index / count for index in range(count + 1)]
    assert told[2][1] == "clean"

    def stop(share, words):
        if words == "clean":
            raise Cancelled("stopped")

    cache = MemoryCache()
    with pytest.raises(Cancelled):
        evaluate(STANDARD, performance_of(), cache, stop)
    assert evaluate(STANDARD, performance_of(), cache) == evaluate(STANDARD, performance_of())


# --- Cache ---------------------------------------------------------------------------------


@pytest.fixture(params=["memory", "folder"])
def cache(request, tmp_path):
    return MemoryCache() if request.param == "memory" else FolderCache(tmp_path / "cache")


@pytest.fixture
def counted(monkeypatch):
    """Steps that count how often they are done."""
    done = []

    def counting(name, kind):
        def apply(performance, **settings):
            done.append(name)
            return kind.apply(performance, **settings)

        apply.__signature__ = steps.inspect.signature(kind.apply)
        apply.__annotations__ = steps.typing.get_type_hints(kind.apply)
        return Kind(apply, kind.fingerprint)

    monkeypatch.setattr(
        steps, "STEPS", {name: counting(name, kind) for name, kind in STEPS.items()}
    )
    return done


def recipe_with(**cutoff):
    return Recipe((Step("neutral"), Step("clean", cutoff), Step("mirror")))


def test_the_same_recipe_is_done_once(performance_of, cache, counted):
    source = performance_of(1, confidence=True, timecode="10:00:00:00.000")
    first = evaluate(recipe_with(), source, cache)
    assert counted == ["neutral", "clean", "mirror"]
    again = evaluate(
        recipe_with(), performance_of(1, confidence=True, timecode="10:00:00:00.000"), cache
    )
    assert counted == ["neutral", "clean", "mirror"]
    assert again == first
    assert again.source == first.source


def test_a_changed_step_starts_from_the_one_before(performance_of, cache, counted):
    evaluate(recipe_with(), performance_of(1), cache)
    counted.clear()
    changed = evaluate(recipe_with(cutoff=5.0), performance_of(1), cache)
    assert counted == ["clean", "mirror"]
    assert changed == evaluate(recipe_with(cutoff=5.0), performance_of(1))
    counted.clear()
    evaluate(recipe_with(), performance_of(1), cache)
    evaluate(Recipe(recipe_with(cutoff=5).steps[:2]), performance_of(1), cache)
    assert counted == []


def test_another_source_has_another_result(performance_of, cache):
    first = evaluate(STANDARD, performance_of(1), cache)
    second = evaluate(STANDARD, performance_of(2), cache)
    assert first != second
    assert second == evaluate(STANDARD, performance_of(2))
    renamed = performance_of(1).replace(source=Source("another"))
    assert evaluate(STANDARD, renamed, cache).source == Source("another")


def test_other_weights_or_other_code_void_results(performance_of, cache, counted, monkeypatch):
    evaluate(STANDARD, performance_of(), cache)
    counted.clear()
    table = dict(steps.STEPS)
    table["clean"] = Kind(table["clean"].apply, lambda settings: "a network's hash")
    monkeypatch.setattr(steps, "STEPS", table)
    evaluate(STANDARD, performance_of(), cache)
    assert counted == ["clean", "refine"]
    counted.clear()
    monkeypatch.setattr(recipes, "_code", lambda: "other code")
    evaluate(STANDARD, performance_of(), cache)
    assert counted == ["neutral", "clean", "refine"]


def test_performances_without_head_and_eyes_are_kept_too(performance_of, cache):
    source = performance_of(head=False, eyes=False, channels=("jawOpen", "tail"))
    cache.put("key", source)
    assert cache.get("key") == source
    assert cache.get("another") is None


def test_memory_forgets_what_was_not_used_for_longest(performance_of):
    one = performance_of(1)
    cache = MemoryCache(limit=35_000)
    for key in ("a", "b"):
        cache.put(key, one)
    assert cache.get("a") is one
    cache.put("c", one)
    cache.put("d", one)
    assert cache.get("b") is None
    assert cache.get("d") is one
    MemoryCache(limit=10).put("a", one)


def test_memory_may_be_used_from_several_threads(performance_of):
    cache, one = MemoryCache(limit=40_000), performance_of()

    def work(name):
        for number in range(200):
            cache.put(f"{name}{number % 7}", one)
            cache.get(f"{name}{number % 5}")

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cache.put("last", one)
    assert cache.get("last") is one


def test_a_damaged_file_counts_as_not_kept(performance_of, tmp_path):
    cache = FolderCache(tmp_path / "cache")
    expected = evaluate(STANDARD, performance_of(), cache)
    for file in (tmp_path / "cache").iterdir():
        file.write_bytes(file.read_bytes()[:200])
    assert evaluate(STANDARD, performance_of(), cache) == expected


def test_a_folder_that_cannot_be_written_changes_nothing(performance_of, tmp_path):
    (tmp_path / "file").write_text("")
    cache = FolderCache(tmp_path / "file" / "cache")
    assert evaluate(STANDARD, performance_of(), cache) == evaluate(STANDARD, performance_of())


def test_a_folder_keeps_to_its_limit(performance_of, tmp_path):
    cache = FolderCache(tmp_path, limit=60_000)
    for key in "abcdef":
        cache.put(key, performance_of())
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 60_000
    assert cache.get("f") is not None


def test_a_take_is_not_changed_by_its_recipe(performance_of, tmp_path):
    take = write_take(tmp_path / "take", performance_of())
    before = {file: file.read_bytes() for file in take.folder.iterdir()}
    evaluate(EVERY, take.performance, FolderCache(tmp_path / "cache"))
    assert {file: file.read_bytes() for file in take.folder.iterdir()} == before
    assert read_take(take.folder).performance == performance_of()


def test_muted_steps_are_left_out_and_do_not_count_for_the_cache(performance_of):
    source = performance_of(1, 60)
    both = Recipe((Step("gain", {"overall": 0.5}, muted=True), Step("mirror")))
    assert evaluate(both, source) == mirror(source)
    assert Recipe.from_json(both.to_json()) == both
    cache = MemoryCache()
    evaluate(Recipe((Step("mirror"),)), source, cache)
    done = []
    assert evaluate(both, source, cache, lambda _, name: done.append(name)) == mirror(source)
    assert done == [""]
    assert both.where_unsaid("gain", head=0.5).steps[0].muted
    assert evaluate(Recipe((Step("gain", {"overall": 0.5}, muted=True),)), source) == source
