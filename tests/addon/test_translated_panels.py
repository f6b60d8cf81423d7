"""Whatever panels and menus draw is translated: also what reaches the layout in a variable."""

from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from mien.addon import registration
from mien.addon.panels.sidebar import SidebarPanel
from mien.addon.translations import translations_into
from mien.addon.translations.collect import collected
from mien.addon.translations.literals import has_words
from mien.addon.translations.sentences import SENTENCES, told
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance
from mien.models.take import write_take


class Layout:
    """Stands in for Blender's layout, which shows nothing without a window: it remembers texts."""

    def __init__(self, shown):
        self.__dict__["shown"] = shown

    def __setattr__(self, name, value):
        pass

    def __getattr__(self, name):
        def drawn(*arguments, **words):
            if words.get("text") and words.get("translate", True):
                context = "Operator" if name.startswith("operator") else "*"
                self.shown.add((words.get("text_ctxt", context), words["text"]))
            return Layout(self.shown)

        return drawn


class SeenContext:
    """Blender's context, with a sidebar of the usual width."""

    region = SimpleNamespace(width=280)
    preferences = SimpleNamespace(system=SimpleNamespace(ui_scale=1.0))

    def __getattr__(self, name):
        return getattr(bpy.context, name)


def drawn(classes):
    """What the panels and menus show now, with the contexts it is looked up in."""
    shown = set()
    context = SeenContext()
    for each in classes:
        owner = SimpleNamespace(layout=Layout(shown), modules=getattr(each, "modules", ()))
        if issubclass(each, SidebarPanel):
            if not hasattr(each, "poll") or each.poll(context):
                each.draw_in(owner, Layout(shown), context)
        elif issubclass(each, bpy.types.Menu):
            each.draw(owner, context)
    return shown


@pytest.fixture
def character_with_take(saved_file):
    """The demo character, a take of a face that is lost for a while, and what a bake says."""
    weights = np.random.default_rng(0).random((40, len(CHANNELS)), dtype=np.float32) * 0.5
    confidence = np.r_[np.ones(30), np.zeros(10)].astype(np.float32)
    performance = Performance(weights, np.arange(40) / 30, confidence=confidence)
    bpy.ops.mien.add_demo_character()
    write_take(saved_file / "takes" / "talk", performance)
    bpy.ops.mien.load_take(filepath=str(saved_file / "takes" / "talk"))
    bpy.ops.mien.bake()


def unknown(strings):
    """What is drawn and in no table, but for names of channels and of what the user made."""
    own = {*CHANNELS, *bpy.data.objects.keys()}
    return {
        (context, text)
        for context, text in drawn(registration.CLASSES) - strings
        if has_words(text) and text not in own
    }


def test_an_empty_scene_is_drawn_in_translated_words(mien_enabled):
    assert unknown(collected(registration.CLASSES).keys()) == set()


def test_a_character_with_a_take_is_drawn_in_translated_words(character_with_take):
    assert len(unknown(set())) > 30, "Panels were drawn"
    assert unknown(collected(registration.CLASSES).keys()) == set()


def reasons():
    """Why buttons are grey now."""
    operators = [each for each in registration.CLASSES if hasattr(each, "disabled_reason")]
    return {each.disabled_reason(bpy.context) for each in operators} - {""}


def english(texts, language="ja_JP"):
    """Those that stay English."""
    table = translations_into(language)
    words = {text for _, text in table}
    sentences = {text: said for (_, text), said in table.items() if text in SENTENCES}
    return {text for text in texts - words if told(text, sentences) == text}


def test_grey_buttons_of_an_empty_scene_tell_their_reason(mien_enabled):
    assert len(reasons()) > 5
    assert english(reasons()) == set()


def test_grey_buttons_of_a_scene_tell_their_reason(character_with_take):
    bpy.ops.object.mode_set(mode="EDIT")
    assert english(reasons()) == set()
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.context.view_layer.objects.active = None
    assert english(reasons()) == set()
