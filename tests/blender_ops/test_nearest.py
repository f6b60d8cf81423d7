"""The nearest combination of few shapes, solved from how far they move each vertex."""

import bpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.blender_ops.character import CharacterError, find_character
from mien.blender_ops.mapping.nearest import nearest_combinations, nearest_rows
from mien.models.least_squares import nonnegative


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.integers(1, 12), st.integers(0, 10_000))
def test_no_other_answer_without_negatives_is_better(columns, rows, seed):
    """The conditions of Karush, Kuhn and Tucker: no slope upwards, none at all where it is free."""
    random = np.random.default_rng(seed)
    a, b = random.normal(size=(rows, columns)), random.normal(size=rows)
    if seed % 3 == 0:
        a[:, 0] = a[:, -1]
    x = nonnegative(a.T @ a, a.T @ b)
    slope = a.T @ (b - a @ x)
    assert x.min() >= 0
    assert slope.max() < 1e-6
    assert np.abs(slope[x > 1e-9]).max(initial=0) < 1e-6


def test_the_same_answer_as_scipys():
    scipy = pytest.importorskip("scipy.optimize")
    random = np.random.default_rng(3)
    for _ in range(50):
        a, b = random.normal(size=(40, 15)), random.normal(size=40)
        assert nonnegative(a.T @ a, a.T @ b) == pytest.approx(scipy.nnls(a, b)[0], abs=1e-8)


def test_mixtures_are_taken_apart():
    random = np.random.default_rng(8)
    own = random.normal(size=(5, 200, 3))
    mixing = np.clip(random.normal(size=(12, 5)), 0, None)
    wanted = np.einsum("cs,svd->cvd", mixing, own)
    weights, met = nearest_combinations(wanted, own)
    assert weights == pytest.approx(mixing, abs=1e-9)
    assert met == pytest.approx(np.where(mixing.any(axis=1), 1.0, 0.0))
    assert nearest_combinations(-own[:1], own)[0] == pytest.approx(0, abs=0.1)


def add_head(name, points, moves):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(points.tolist(), [], [(i, i + 1, i + 2) for i in range(len(points) - 2)])
    made = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(made)
    made.shape_key_add(name="Basis", from_mix=False)
    for key, move in moves.items():
        block = made.shape_key_add(name=key, from_mix=False)
        block.value = 0
        block.data.foreach_set("co", (points + move).astype(np.float32).ravel())
    return made


@pytest.fixture
def heads():
    """A head with a few odd shapes, and one with ARKit's that stands elsewhere."""
    random = np.random.default_rng(2)
    points = random.normal(size=(60, 3))
    few = {name: random.normal(size=(60, 3)) for name in ("ah", "oh", "shut")}
    arkit = {
        "jawOpen": few["ah"] * 0.8 + few["oh"] * 0.2,
        "mouthFunnel": few["oh"],
        "eyeBlinkLeft": few["shut"] / 2 + 0.05 * random.normal(size=(60, 3)),
        "mouthRight": -few["ah"] - few["oh"] - few["shut"],
    }
    character = add_head("Few", points, few)
    template = add_head("Template", points, arkit)
    template.location, template.rotation_euler, template.scale = (5, 1, 0), (0.4, 0, 2), (3, 3, 3)
    bpy.context.view_layer.update()
    return character, template


def test_combinations_from_another_head(heads):
    character, template = heads
    found = nearest_rows(find_character(character), template)
    assert set(found) == {"jawOpen", "mouthFunnel", "eyeBlinkLeft"}
    weights = {target.key: target.weight for target in found["jawOpen"].targets}
    assert weights == pytest.approx({"ah": 0.8, "oh": 0.2}, abs=1e-4)
    assert [target.key for target in found["eyeBlinkLeft"].targets] == ["shut"]
    assert 0.9 < found["eyeBlinkLeft"].met < 1
    assert nearest_rows(find_character(character), template, ["jawOpen"]).keys() == {"jawOpen"}


def test_heads_that_do_not_fit(heads):
    character, template = heads
    smaller = add_head("Smaller", np.eye(5, 3), {"jawOpen": np.eye(5, 3)})
    with pytest.raises(CharacterError, match="as many vertices"):
        nearest_rows(find_character(character), smaller)
    for block in template.data.shape_keys.key_blocks[1:]:
        block.name = f"x{len(block.name)}"
    with pytest.raises(CharacterError, match="none of ARKit's"):
        nearest_rows(find_character(character), template)


@pytest.mark.shared
def test_visemes_of_a_real_head_by_its_arkit_shapes(shared):
    """MakeHuman's fifteen visemes in place of ARKit's 52: the mouth's movements are met."""
    folder = shared / "rigs/makehuman/final-talkinghead"

    def moves(stem):
        rows = np.loadtxt(folder / f"{stem}.target", comments="#", ndmin=2)
        result = np.zeros((19158, 3))
        if rows.size:
            result[rows[:, 0].astype(int)] = rows[:, 1:]
        return result

    visemes = ["aa", "E", "I", "O", "U", "PP", "FF", "SS"]
    own = np.array([moves(f"viseme_{each}") for each in visemes])
    channels = ["jawOpen", "mouthFunnel", "mouthPucker", "eyeBlinkLeft"]
    wanted = np.array([moves(each) for each in channels])
    weights, met = nearest_combinations(wanted, own)
    assert weights.min() >= 0
    assert met[0] > 0.5 and met[3] < 0.05
    # No single viseme comes as near to the open jaw as the combination.
    flat = own.reshape(len(own), -1)
    goal = wanted[0].ravel()
    alone = np.clip(flat @ goal, 0, None) ** 2 / np.maximum((flat**2).sum(axis=1), 1e-12)
    assert met[0] >= alone.max() / (goal @ goal) - 1e-9
