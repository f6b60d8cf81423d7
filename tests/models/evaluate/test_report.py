# SPDX-License-Identifier: GPL-3.0-or-later
import json
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.errors import PerformanceError, TakeError
from mien.models.evaluate.comparison import compare
from mien.models.evaluate.plots import lines
from mien.models.evaluate.report import write_report
from mien.models.performance import Performance


def performance(seconds=6.0, rate=60.0, channels=CHANNELS, error=0.0):
    times = np.arange(int(seconds * rate)) / rate
    speeds = np.random.default_rng(0).uniform(1, 6, 52)[: len(channels)]
    return Performance(0.5 + error + 0.4 * np.sin(times[:, None] * speeds), times, channels)


def smoothed(one):
    weights = np.array(one.weights)
    weights[1:-1] = (weights[:-2] + weights[1:-1] + weights[2:]) / 3
    return one.replace(weights=weights)


def test_performances_of_other_rates_and_lengths_are_compared_where_they_meet():
    result = compare(performance(4, 30), performance(6, 60))
    assert result.times[-1] == pytest.approx(4 - 1 / 30, abs=1 / 60)
    assert result.figures["rmse"] < 0.01
    assert result.by_channel.keys() == set(CHANNELS)


def test_only_shared_channels_count():
    result = compare(performance(channels=CHANNELS[:5]), performance(channels=CHANNELS[3:9]))
    assert result.channels == CHANNELS[3:5]


def test_a_constant_error_is_the_rmse():
    assert compare(performance(error=0.05), performance()).figures["rmse"] == pytest.approx(0.05)


def test_nothing_to_compare_is_refused():
    with pytest.raises(PerformanceError, match="no channel"):
        compare(performance(channels=("a",)), performance())
    with pytest.raises(PerformanceError, match="too little time"):
        compare(Performance(np.zeros((1, 52)), np.zeros(1)), performance())


def test_a_restorer_is_measured_under_every_damage():
    result = compare(performance(), performance(), restore=smoothed)
    assert len(result.robustness) == 12
    rows = result.robustness
    assert rows["white, restored"]["jitter"] < rows["white, damaged"]["jitter"]
    assert result.cost["seconds"] > 0
    assert result.cost["array memory, megabytes"] > 0.01


def test_a_report_is_a_page_and_data(tmp_path):
    result = compare(performance(error=0.01), performance(), restore=smoothed)
    page = write_report(result, tmp_path / "report", "A < B & C")
    text = page.read_text(encoding="utf-8")
    assert "A &lt; B &amp; C" in text
    assert text.count("<svg") == 11
    assert "A blink" in text
    assert "Robustness" in text
    figures = json.loads((tmp_path / "report" / "report.json").read_text())
    assert figures["figures"]["rmse"] == pytest.approx(0.01, abs=1e-3)
    with pytest.raises(TakeError, match="there already"):
        write_report(result, tmp_path / "report")


def test_plots_are_valid_pictures():
    svg = ElementTree.fromstring(
        lines("x < y", np.arange(5000.0), {"a & b": np.sin(np.arange(5000.0)), "c": np.zeros(5000)})
    )
    assert len(svg.findall("{http://www.w3.org/2000/svg}polyline")) == 2


def test_a_plot_of_one_point_is_one(tmp_path):
    ElementTree.fromstring(lines("one", np.zeros(1), {"a": np.zeros(1)}))
