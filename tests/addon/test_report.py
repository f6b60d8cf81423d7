"""The report for whoever helps."""

from pathlib import Path

import bpy
import pytest
from mien.addon.last_error import LAST_ERROR
from mien.addon.operators.report import NAME


@pytest.fixture(autouse=True)
def no_error():
    LAST_ERROR.text = ""


def report():
    bpy.ops.mien.write_report()
    return bpy.data.texts[NAME].as_string()


def test_it_names_versions_and_what_was_set(mien_enabled):
    bpy.context.scene.mien.tolerance = 0.25
    text = report()
    assert bpy.app.version_string in text and "Mien 0." in text and "numpy " in text
    assert "tolerance: 0.25" in text
    assert "None since Blender was started" in text


def test_it_has_the_last_error_and_no_name_of_a_home_folder(mien_enabled):
    missing = Path.home() / "nowhere" / "take.json"
    with pytest.raises(RuntimeError):
        bpy.ops.mien.load_take(filepath=str(missing))
    text = report()
    assert "MIEN_OT_load_take" in text and "TakeError" in text and "~/nowhere" in text
    assert str(Path.home()) + "/" not in text


def test_it_is_written_anew(mien_enabled):
    report()
    assert report().count("Versions") == 1
    assert len(bpy.data.texts) == 1
