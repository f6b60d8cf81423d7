"""FACS action units as ARKit's channels."""

import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.errors import ActionUnitError
from mien.models.facs.action_units import (
    action_units,
    code_weights,
    combined,
    weights_over_time,
)


def test_every_channel_of_the_table_is_arkits_and_the_usual_units_are_there():
    units = action_units()
    assert {1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 28, 43, 45} <= set(units)
    for unit in units.values():
        assert unit.name and unit.muscle and unit.channels
        assert set(unit.channels) <= set(CHANNELS)
        assert all(0 < weight <= 1 for weight in unit.channels.values())


def test_a_code_names_side_and_strength():
    assert code_weights("12") == {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0}
    assert code_weights("L12") == {"mouthSmileLeft": 1.0}
    assert code_weights("R14A") == pytest.approx({"mouthDimpleRight": 0.2})
    assert code_weights("L30") == {"jawLeft": 1.0}


@pytest.mark.parametrize("code", ["", "smile", "99", "12F", "L26", "30", "M12", "1٢"])
def test_what_is_no_unit_is_said_so(code):
    with pytest.raises(ActionUnitError):
        code_weights(code)


def test_units_together_take_the_stronger_where_they_share_a_channel():
    weights = combined({"6": 1.0, "7": 0.5, "26": 1.0})
    assert weights[CHANNELS.index("eyeSquintLeft")] == pytest.approx(0.5)
    assert weights[CHANNELS.index("jawOpen")] == pytest.approx(0.5)
    assert weights.shape == (52,)
    with pytest.raises(ActionUnitError, match="between 0 and 1"):
        combined({"6": 1.5})


def test_columns_over_time():
    frames = weights_over_time({12: [0, 0.5, 2.0], 77: [1, 1, 1], 30: [1, 1, 1]})
    assert frames.shape == (3, 52)
    np.testing.assert_allclose(frames[:, CHANNELS.index("mouthSmileLeft")], [0, 0.5, 1])
    assert np.count_nonzero(frames.max(axis=0)) == 2
    assert not weights_over_time({12: [np.nan]}).any()
    for wrong in ({}, {12: [0], 6: [0, 1]}, {12: ["x"]}, {12: 1.0}):
        with pytest.raises(ActionUnitError):
            weights_over_time(wrong)


def test_a_damaged_table_is_said_so(tmp_path):
    table = tmp_path / "units.json"
    with pytest.raises(ActionUnitError, match="restore"):
        action_units(table)
    table.write_text('{"units": {"1": {"name": "x", "muscle": "y", "channels": {"nose": 1}}}}')
    with pytest.raises(ActionUnitError, match="nose"):
        action_units(table)
