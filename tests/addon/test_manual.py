# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual: its pages, links and pictures are there, and panels lead to them."""

import fnmatch
import re
from pathlib import Path

import bpy
import pytest
from mien.addon import manual, panels
from mien.addon.panels.sidebar import SidebarPanel

from building.manual_pages import write_pages

ROOT = Path(__file__).resolve().parents[2]
TEXTS = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md"])
KILOBYTES_OF_A_PICTURE = 80


def headings(text):
    """The anchors of a page's headings, as they are made of them."""
    titles = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", title).strip().lower()) for title in titles}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_text_links_to_is_there(path):
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"\w+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        assert file.exists(), f"{path.name} links to {target}, which is not there"
        if anchor and file.suffix == ".md":
            assert anchor in headings(file.read_text(encoding="utf-8")), target


def test_each_picture_of_the_manual_is_used_and_small():
    used = "".join(path.read_text(encoding="utf-8") for path in TEXTS)
    pictures = list((ROOT / "docs" / "images" / "manual").iterdir())
    assert pictures
    for picture in pictures:
        assert f"images/manual/{picture.name}" in used, f"{picture.name} is shown nowhere"
        assert picture.stat().st_size <= KILOBYTES_OF_A_PICTURE * 1024, picture.name


def test_each_main_panel_leads_to_a_page():
    shown = [kind for kind in panels.CLASSES if issubclass(kind, SidebarPanel)]
    main = [kind for kind in shown if not getattr(kind, "bl_parent_id", "")]
    assert len(main) == 5
    assert all(kind.manual_page for kind in main)
    for kind in shown:
        if kind.manual_page:
            assert manual.place_of(kind.manual_page).is_file()


def test_the_question_mark_opens_a_page_of_this_machine(mien_enabled, monkeypatch):
    opened = []
    monkeypatch.setattr(manual.webbrowser, "open", lambda url: opened.append(url) or True)
    assert bpy.ops.mien.open_manual(page="bake") == {"FINISHED"}
    assert opened == [(ROOT / "docs" / "manual" / "bake.md").as_uri()]


def test_a_page_that_is_not_there_is_told(mien_enabled):
    with pytest.raises(RuntimeError, match="no page “dance”"):
        bpy.ops.mien.open_manual(page="dance")


def test_blenders_online_manual_finds_a_page_for_each_operator(mien_enabled):
    prefix, entries = manual.online_manual()
    for name in dir(bpy.ops.mien):
        found = next(
            p for pattern, p in entries if fnmatch.fnmatch(f"bpy.ops.mien.{name}", pattern)
        )
        assert Path(prefix.removeprefix("file://"), found).is_file()
    assert (prefix, entries) in list(bpy.utils.manual_map())


def test_pages_of_the_zip_are_whole(tmp_path):
    pages = write_pages(tmp_path)
    assert {page.stem for page in pages} == {path.stem for path in ROOT.glob("docs/manual/*.md")}
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "http" not in re.sub(r"</?html[^>]*>", "", text), "a page needs no network"
        targets = re.findall(r'(?:href|src)="([^"#]+)', text)
        assert targets
        for target in targets:
            assert (tmp_path / target).is_file(), f"{page.name} leads to {target}"
        for name, anchor in re.findall(r'href="([\w.-]*)#([\w-]+)"', text):
            assert f'id="{anchor}"' in (tmp_path / (name or page.name)).read_text(encoding="utf-8")
