# SPDX-License-Identifier: GPL-3.0-or-later
"""Precision, recall, density and coverage against cases worked out by hand."""

import numpy as np
import pytest
from mien.models.evaluate.manifold import distances, nearest, radii, sample_figures


def column(*values):
    return np.array(values, float)[:, None]


def test_distances_are_euclidean():
    apart = distances(np.array([[0.0, 0], [3, 4]]), np.array([[0.0, 0], [0, 4], [3, 0]]))
    np.testing.assert_allclose(apart, [[0, 4, 3], [5, 3, 4]], atol=1e-7)


def test_a_radius_reaches_the_kth_nearest_other():
    np.testing.assert_allclose(radii(column(0, 1, 3, 7), 1), [1, 1, 2, 4])
    np.testing.assert_allclose(radii(column(0, 1, 3, 7), 2), [3, 2, 3, 6])


def test_the_figures_of_a_case_worked_out_by_hand():
    # Real at 0, 1, 3, 7, one neighbour: balls [−1, 1], [0, 2], [1, 5], [3, 11].
    # Samples at 1.5, 4, 20: the first lies in two balls, the second in two, the third in none.
    # Their own balls: [−1, 4], [1.5, 6.5], [4, 36].
    figures = sample_figures(column(0, 1, 3, 7), column(1.5, 4, 20), neighbours=1)
    assert figures["precision"] == pytest.approx(2 / 3)
    assert figures["density"] == pytest.approx(4 / 3)
    assert figures["coverage"] == pytest.approx(3 / 4)  # 0 has no sample in [−1, 1]
    assert figures["recall"] == pytest.approx(1)


def test_the_same_values_score_one():
    values = np.random.default_rng(0).random((60, 3))
    figures = sample_figures(values, values)
    assert figures["precision"] == figures["recall"] == figures["coverage"] == 1


def test_samples_elsewhere_score_zero():
    values = np.random.default_rng(0).random((60, 3))
    assert set(sample_figures(values, values + 100).values()) == {0}


def test_samples_of_one_place_are_precise_but_cover_little():
    random = np.random.default_rng(0)
    real = random.normal(size=(300, 2))
    figures = sample_figures(real, real[:1] + random.normal(0, 0.01, (300, 2)))
    assert figures["precision"] == 1
    assert figures["coverage"] < 0.1
    assert figures["recall"] < 0.1


def test_the_nearest_is_found():
    np.testing.assert_allclose(nearest(column(0, 5), column(1, 7, 2)), [1, 2], atol=1e-7)
