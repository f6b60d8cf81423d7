"""Surfaces, what is nearest on them, values spread over them, pictures of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.transfer.edges import parting
from mien.models.transfer.filling import Graph, filled
from mien.models.transfer.nearest import NearestPlaces
from mien.models.transfer.picture import View, draw
from mien.models.transfer.surface import Places, Surface, nearest_on_triangles, triangles_of


def grid(columns, rows, height=lambda x, y: 0 * x):
    """A sheet over 0–1 in x and y, seen from +Z."""
    x, y = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
    points = np.stack([x.ravel(), y.ravel(), height(x, y).ravel()], axis=1)
    here = np.arange(columns * rows).reshape(rows, columns)
    a, b = here[:-1, :-1].ravel(), here[:-1, 1:].ravel()
    c, d = here[1:, 1:].ravel(), here[1:, :-1].ravel()
    return Surface(points, np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]))


numbers = st.integers(0, 2**31)


@given(numbers)
@settings(max_examples=30, deadline=None)
def test_no_place_on_a_triangle_is_nearer(seed):
    random = np.random.default_rng(seed)
    corners = random.normal(size=(40, 3, 3))
    points = random.normal(size=(40, 3)) * 2
    shares = nearest_on_triangles(points, corners)
    assert np.all(shares >= -1e-9)
    assert np.allclose(shares.sum(axis=1), 1)
    found = np.linalg.norm(np.einsum("mk,mkx->mx", shares, corners) - points, axis=1)
    for other in random.dirichlet((0.5, 0.5, 0.5), 200):
        place = np.einsum("k,mkx->mx", other, corners)
        assert np.all(found <= np.linalg.norm(place - points, axis=1) + 1e-9)


@given(numbers)
@settings(max_examples=10, deadline=None)
def test_the_nearest_place_of_a_surface_is_found(seed):
    random = np.random.default_rng(seed)
    surface = grid(9, 7, lambda x, y: 0.3 * np.sin(5 * x + seed % 7) * np.cos(4 * y))
    queries = random.uniform(-0.1, 1.1, (50, 3)) * (1, 1, 0.5)
    places = NearestPlaces(surface, np.arange(len(surface.triangles)), 0.8, 0.05)
    found, on = places.find(queries, np.zeros_like(queries))
    away = np.linalg.norm(on.on(surface) - queries[found], axis=1)
    count = len(surface.triangles)
    for index in range(len(queries)):
        corners = surface.points[surface.triangles]
        shares = nearest_on_triangles(np.repeat(queries[index][None], count, 0), corners)
        true = np.linalg.norm(np.einsum("mk,mkx->mx", shares, corners) - queries[index], axis=1)
        row = np.flatnonzero(found == index)
        assert len(row) == (true.min() <= 0.8)
        if len(row):
            assert away[row[0]] == pytest.approx(true.min(), abs=1e-9)


def test_what_looks_the_other_way_is_not_taken():
    sheet = grid(5, 5)
    turned = Surface(sheet.points + np.array((0, 0, 0.1)), sheet.triangles[:, ::-1])
    both = Surface(
        np.concatenate([sheet.points, turned.points]),
        np.concatenate([sheet.triangles, turned.triangles + len(sheet.points)]),
    )
    queries = np.array([[0.5, 0.5, 0.09]])
    places = NearestPlaces(both, np.arange(len(both.triangles)), 0.5, 0.05)
    _, plain = places.find(queries, np.array([[0.0, 0, 1]]))
    _, minded = places.find(queries, np.array([[0.0, 0, 1]]), against=0.2)
    assert plain.on(both)[0, 2] == pytest.approx(0.1)
    assert minded.on(both)[0, 2] == pytest.approx(0.0)


def test_nothing_within_reach_is_nothing_found():
    places = NearestPlaces(grid(3, 3), np.arange(8), 0.1, 0.05)
    found, on = places.find(np.array([[5.0, 5, 5]]), np.zeros((1, 3)))
    assert len(found) == len(on.triangles) == 0
    none = NearestPlaces(grid(3, 3), np.zeros(0, int), 0.1, 0.05)
    assert len(none.find(np.zeros((2, 3)), np.zeros((2, 3)))[0]) == 0


def test_parts_that_do_not_touch_are_told_apart():
    first = grid(3, 3)
    both = Surface(
        np.concatenate([first.points, first.points + 5]),
        np.concatenate([first.triangles, first.triangles + 9]),
    )
    assert list(np.unique(both.components[:9])) == [0]
    assert list(np.unique(both.components[9:])) == [1]


def test_polygons_become_fans():
    assert triangles_of([(0, 1, 2), (3, 4, 5, 6)]).tolist() == [[0, 1, 2], [3, 4, 5], [3, 5, 6]]
    assert triangles_of([]).shape == (0, 3)


def test_what_is_not_known_lies_evenly_between_what_is():
    surface = grid(21, 2)
    known = np.where((surface.points[:, 0] == 0) | (surface.points[:, 0] == 1), 1e4, 0)
    values = surface.points[:, :1].copy()
    values[known == 0] = 99
    solved = filled(Graph(surface.points, surface.edges), values, known)
    assert solved[:, 0] == pytest.approx(surface.points[:, 0], abs=0.02)


@given(numbers)
@settings(max_examples=15, deadline=None)
def test_filling_stays_within_what_is_known(seed):
    random = np.random.default_rng(seed)
    surface = grid(8, 8)
    known = np.where(random.random(64) < 0.3, random.uniform(0.1, 1000, 64), 0)
    values = random.normal(size=(64, 3))
    solved = filled(Graph(surface.points, surface.edges), values, known)
    assert np.all(np.isfinite(solved))
    largest = np.abs(values[known > 0]).max() if np.any(known) else 0
    assert np.abs(solved).max() <= largest * 1.01 + 1e-6


def test_a_part_of_which_nothing_is_known_stays():
    graph = Graph(np.zeros((3, 3)), np.zeros((0, 2), int))
    assert not np.any(filled(graph, np.full((3, 2), 7.0), np.zeros(3)))


def test_a_picture_knows_what_it_shows():
    surface = grid(15, 15, lambda x, y: 0.2 * np.sin(6 * x))
    view = View(np.eye(3), (0.5, 0.5), 1.2, 200)
    drawn = draw(surface, np.full((len(surface.points), 3), 0.5), view)
    places = Places(np.array([3, 100]), np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]]))
    there = places.on(surface)
    which, back = drawn.places(view.pixels(there)[:, :2])
    assert which.tolist() == [0, 1]
    assert back.on(surface) == pytest.approx(there, abs=0.01)
    assert drawn.picture[0, 0].tolist() == drawn.picture[-1, -1].tolist()
    assert len(drawn.seen()) > 0.9 * len(surface.triangles)


def test_what_is_behind_or_turned_away_is_not_seen():
    front, back = grid(4, 4), grid(4, 4)
    both = Surface(
        np.concatenate([front.points, back.points - np.array((0, 0, 1))]),
        np.concatenate([front.triangles, back.triangles + 16]),
    )
    view = View(np.eye(3), (0.5, 0.5), 1.2, 80)
    drawn = draw(both, np.ones((32, 3)), view)
    assert drawn.seen().max() < len(front.triangles)
    away = Surface(front.points, front.triangles[:, ::-1])
    assert len(draw(away, np.ones((16, 3)), view).seen()) == 0


def test_touching_lips_are_drawn_apart_along_the_skin():
    """Two sheets that touch in the middle and are joined at the sides only by their edge."""
    surface = grid(11, 11)
    row = np.round(surface.points[:, 1] * 10).astype(int)
    cut = ~np.all(np.isin(row[surface.triangles], (5, 6)), axis=1)
    slit = Surface(surface.points, surface.triangles[cut])
    upper, lower = np.flatnonzero(row == 6), np.flatnonzero(row == 5)
    share = parting(slit, upper, lower, 0.2)
    assert np.all(share[upper] > 0.9)
    assert np.all(share[lower] < -0.9)
    assert np.abs(share[row == 0]).max() < 0.1
    assert not np.any(parting(slit, upper[:0], lower[:0], 0.2))
