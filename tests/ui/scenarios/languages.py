# SPDX-License-Identifier: GPL-3.0-or-later
"""Mien in Chinese and in Japanese: Blender finds every translation, and the sidebar shows it."""

from __future__ import annotations

import re
import sys

import bpy
import desk
from animator import Animator, Steps
from bpy.app import translations

# Panels of the sidebar, as they are called in each language.
TITLES = {
    "zh_HANS": ("镜次", "角色", "表演", "烘焙"),
    "ja_JP": ("テイク", "キャラクター", "演技", "ベイク"),
}
# One version of Blender says this a little otherwise than another: both are right.
EITHER = {"Offset", "Reference", "Sound"}


def scenario(animator: Animator) -> Steps:
    """Both languages, without a restart; what a bake did is told in them."""
    assert bpy.app.build_options.international
    yield from animator.over_view()
    bpy.ops.mien.bake()
    report = desk.settings().bake_report
    assert report
    for language, titles in TITLES.items():
        speak(language)
        yield 0.6
        look_up(language)
        told = sys.modules[f"{desk.MIEN}.addon.translations.sentences"].translated(report)
        assert not re.search("[a-z]{3}", told), told
        yield from animator.open_mien()
        for number, title in enumerate(titles):
            yield from animator.scroll_to(title, title=True)
            animator.shot(f"{language} {number}", animator.sidebar)
        yield from animator.scroll(60)
        animator.shot(f"{language} end", animator.sidebar)


def speak(language: str) -> None:
    """Set the language as the preferences do."""
    view = bpy.context.preferences.view
    view.language = language
    view.use_translate_interface = True
    view.use_translate_tooltips = True
    view.use_translate_reports = True


def look_up(language: str) -> None:
    """Blender gives each of Mien's strings Mien's translation: not its own for another sense."""
    mien = sys.modules[f"{desk.MIEN}.addon.translations"]
    assert translations.locale == language, translations.locale
    table = mien.translations_into(language)
    assert table
    shown = {key: translations.pgettext(key[1], key[0]) for key in table if key[1] not in EITHER}
    others = {key: (said, table[key]) for key, said in shown.items() if said != table[key]}
    assert not others, f"Blender means another thing: {others}"
