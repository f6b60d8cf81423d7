# SPDX-License-Identifier: GPL-3.0-or-later
import re
from dataclasses import dataclass

import pytest
from mien.models.errors import TrainingError
from mien.models.gan.config import FOLDER, RefinerConfiguration, read_refiner_configuration
from mien.models.training.configuration import from_data, read_configuration, to_data


@dataclass(frozen=True)
class Inner:
    widths: tuple[int, ...]
    share: float = 0.5


@dataclass(frozen=True)
class Outer:
    inner: Inner
    name: str = "x"
    limit: int | None = None
    quick: bool = False


def test_tables_become_dataclasses():
    read = from_data({"inner": {"widths": [1, 2], "share": 1}, "limit": 3}, Outer, "here")
    assert read == Outer(Inner((1, 2), 1.0), limit=3)
    assert isinstance(read.inner.share, float)


def test_what_is_written_is_what_is_read():
    settings = Outer(Inner((3,)), quick=True)
    data = to_data(settings)
    data.pop("limit")
    assert from_data(data, Outer, "card") == settings


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"inner": {"widths": [1]}, "colour": 1}, "no setting “colour”"),
        ({}, "“inner” is missing"),
        ({"inner": {"widths": [1.5]}}, "must be int"),
        ({"inner": {"widths": 3}}, "must be a list"),
        ({"inner": 3}, "must be a table"),
        ({"inner": {"widths": [1]}, "quick": 1}, "must be bool"),
        ({"inner": {"widths": [True]}}, "must be int"),
        ({"inner": {"widths": [1], "share": "much"}}, "must be float"),
    ],
)
def test_mistakes_are_named(data, message):
    with pytest.raises(TrainingError, match=message):
        from_data(data, Outer, "mistake.toml")


def test_files_that_are_missing_or_no_toml(tmp_path):
    with pytest.raises(TrainingError, match="cannot be read"):
        read_configuration(tmp_path / "none.toml", Outer)
    (tmp_path / "bad.toml").write_text("a = = 1")
    with pytest.raises(TrainingError, match="no TOML"):
        read_configuration(tmp_path / "bad.toml", Outer)


@pytest.mark.parametrize("name", ["offline", "live", "adversary", "tiny"])
def test_miens_own_configurations_are_complete(name):
    assert isinstance(read_refiner_configuration(name), RefinerConfiguration)


@pytest.mark.parametrize("name", ["offline", "live", "adversary"])
def test_every_key_says_what_it_is(name):
    for line in (FOLDER / f"{name}.toml").read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            assert re.search(r"=.*# \w+", line), f"{line} has no comment with its unit"
