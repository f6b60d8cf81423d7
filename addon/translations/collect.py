# SPDX-License-Identifier: GPL-3.0-or-later
"""Every string of Mien's that Blender shows, for translators and for the test.

There are three sources: what Blender knows of the registered classes (labels, tooltips,
properties, items of lists), literals in the code where it hands Blender a text, and names that
come from data. Blender looks a string up in a context: that of the class or
property it belongs to, "Operator" for buttons of operators, or the one that the code names.

Not part of the package.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import bpy

from ...models.arkit import REGIONS
from ...models.facs.action_units import action_units
from ...models.vae.emotions import emotions
from . import CONTEXT
from .literals import has_words, literals_in, progress_in, texts_of_jobs_in
from .po import DEFAULT_CONTEXT, Key
from .sentences import SENTENCES

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = __package__.rpartition(".addon.")[0]

Places = dict[Key, tuple[str, ...]]
"""Each string with the files that it comes from."""


def collected(classes: Iterable[type]) -> Places:
    """All strings. classes: Mien's classes, which must be registered."""
    found: dict[Key, dict[str, None]] = defaultdict(dict)
    sources = (_of_classes(classes), _of_code(), _of_data())
    for key, place in (each for source in sources for each in source):
        if has_words(key[1]):
            found[key][place] = None
    return {key: tuple(sorted(places)) for key, places in found.items()}


def _of_classes(classes: Iterable[type]) -> Iterator[tuple[Key, str]]:
    for each in classes:
        place = _place(Path(inspect.getfile(each)))
        for key in _of_class(each):
            yield key, place


def _of_class(each: Any) -> Iterator[Key]:
    context = each.bl_rna.translation_context or DEFAULT_CONTEXT
    if isinstance(getattr(each, "bl_label", None), str):
        yield context, each.bl_label
    if issubclass(each, bpy.types.Operator | bpy.types.Panel | bpy.types.Menu):
        # Blender takes the docstring where nothing else is said.
        yield DEFAULT_CONTEXT, getattr(each, "bl_description", "") or inspect.getdoc(each) or ""
    settings = _settings(each)
    for name, annotation in _annotations(each).items():
        setting = settings.get(name)
        if setting is not None and not setting.is_hidden:
            yield from _of_property(setting, annotation.keywords.get("items"))


def _settings(each: Any) -> Any:
    """A class's properties; those of an operator lie apart."""
    if issubclass(each, bpy.types.Operator):
        module, name = each.bl_idname.split(".")
        return getattr(getattr(bpy.ops, module), name).get_rna_type().properties
    return each.bl_rna.properties


def _annotations(each: type) -> dict[str, Any]:
    """The properties that a class and its bases define."""
    own = [base for base in each.__mro__ if base.__module__.startswith(PACKAGE)]
    return {
        name: annotation
        for base in reversed(own)
        for name, annotation in inspect.get_annotations(base, eval_str=True).items()
        if hasattr(annotation, "keywords")
    }


def _of_property(setting: Any, items: Any) -> Iterator[Key]:
    context = setting.translation_context or DEFAULT_CONTEXT
    # Without a name Blender makes one of the identifier, which nobody is to see.
    if setting.name != setting.identifier:
        yield context, setting.name
    yield DEFAULT_CONTEXT, setting.description
    if setting.type == "ENUM":
        # Blender asks a function for the items each time it shows them.
        for item in items(None, bpy.context) if callable(items) else items:
            yield context, item[1]
            yield DEFAULT_CONTEXT, item[2]


def _of_code() -> Iterator[tuple[Key, str]]:
    for path in _sources("addon", "blender_ops"):
        for literal in literals_in(path.read_text(encoding="utf-8")):
            for text in literal.texts:
                yield (literal.context or DEFAULT_CONTEXT, text), _place(path)
    for path in _sources("addon/jobs"):
        for text in texts_of_jobs_in(path.read_text(encoding="utf-8")):
            yield (CONTEXT, text), _place(path)
    for path in _sources("models", "blender_ops"):
        for text in progress_in(path.read_text(encoding="utf-8")):
            yield (CONTEXT, text.capitalize()), _place(path)


def _of_data() -> Iterator[tuple[Key, str]]:
    """Names that code puts together from data."""
    from ..recipe_stack import KINDS

    for name in (*REGIONS, "head"):
        yield (DEFAULT_CONTEXT, name.capitalize()), "models/arkit.py"
    for name in emotions():
        # In a list of all emotions, and as what a step of the recipe is set to.
        yield (DEFAULT_CONTEXT, name.capitalize()), "models/vae/emotions.json"
        yield (CONTEXT, name.capitalize()), "models/vae/emotions.json"
    for unit in action_units().values():
        # A slider of the live face is named after one.
        yield (DEFAULT_CONTEXT, unit.name.title()), "models/facs/action_units.json"
    for _, label, _, _ in KINDS:
        yield (CONTEXT, label), "addon/recipe_stack.py"
    for sentence in SENTENCES:
        yield (CONTEXT, sentence), "addon/translations/sentences.py"
    for preset in (ROOT / "addon" / "presets").rglob("*.py"):
        # Blender shows the file's name.
        yield (DEFAULT_CONTEXT, bpy.path.display_name(preset.name)), _place(preset)


def _sources(*floors: str) -> Sequence[Path]:
    found = sorted(path for floor in floors for path in (ROOT / floor).rglob("*.py"))
    return [path for path in found if path.parent.name != "translations"]


def _place(path: Path) -> str:
    path = path.resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
