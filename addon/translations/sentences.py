# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences that the lower floors make, told in the user's language.

What a bake or a capture did, and what is wrong, is put together where there is no Blender to
ask for a translation; reports are also stored, with the scene and with the take, in English.
So they are translated when they are shown: a sentence is told by its fixed words, and what
stands between them is put into its translation. What is not listed here stays English.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from bpy.app import translations

from . import CONTEXT, languages, translations_into
from .lookup import iface_

SENTENCES = (
    # What a capture tells.
    "{frames} frames, the face in {seen}",
    "{frames} frames captured, the face seen in {seen}.",
    "No face in {count} frames: {spans}.",
    "No face in {count} frames: {spans} and {more} more.",
    "Note: {warning}.",
    "Preparing {name}",
    # What a bake does, and what one will do.
    "{keys} keys on {curves} curves",
    "{keys} keys on {curves} curves instead of {samples}, largest error {error}",
    "1 channel not on this character: {names}",
    "{count} channels not on this character: {names}",
    "no face for {length} s at {start} s",
    "and {count} more times",
    "1 face key cannot be moved: {reason}",
    "{count} face keys cannot be moved, such as {reason}",
    "1 face key shows nothing: {reason}",
    "{count} face keys show nothing, such as {reason}",
    "F-Curve modifiers outside the range became keys",
    "the empty “{name}” turns as the head does: parent the head to it",
    # What became of curves.
    "{before} keys → {after}, no curve needs fewer",
    "{before} keys → {after}, largest error {error}",
    "left as they are because {reason}: {names}",
    "they are locked",
    "they are linked from another file",
    "they hold samples instead of keys",
    "some of their values are no numbers",
    "they have several keys on one frame",
    "their values move in whole steps",
    # Face keys that were carried over.
    "“{name}” has all face keys already; nothing was changed",
    "{count} face keys added on {meshes} mesh of “{name}”",
    "{count} face keys added on {meshes} meshes of “{name}”",
    # A character and its mapping.
    "Select a character",
    "{name}: {channels} channels, {certainty}",
    "sure",
    "likely",
    "unsure",
    "{label} moves nothing",
    "The rig is a mirror image: left and right are exchanged for it",
    "None of the {count} face keys was found on “{name}”",
    "No character is chosen: select a mesh with face shape keys.",
    "“{name}” has no shape keys; choose a character whose face has shape keys.",
    "“{name}” holds several characters; select the face of one of them.",
    "“{name}” no longer has the bone “{bone}”; select the character again and repeat.",
    "The character was deleted; select another one.",
    "An object of “{name}” was deleted meanwhile; select the character again and repeat.",
    "Select the character to bake on.",
    "This scene has no object “{name}”.",
    "“{name}” has no head bone; bake the head onto an empty instead.",
    "No face key of “{name}” can be moved: {reason}.",
    "“{name}” is linked from another file, so keys on it would be lost; "
    "use “Make Face Keys Editable” first.",
    "“{name}” is linked from another file, so keys on it would be lost. "
    "Make the face keys editable first.",
    "“{name}” is linked from another file; use “Make Face Keys Editable” first.",
    "Nothing is baked on “{name}” yet; bake before adding corrections.",
    "The frame range {first} to {last} ends before it starts.",
    "The performance lies on frames {start} to {end}, none of them in the frame range; "
    "choose another range or start frame.",
    "An NLA strip of “{name}” is being edited; leave tweak mode (Tab in the NLA editor) "
    "and try again.",
    "There are no curves to simplify: choose an Action that has some.",
    "Select curves in the Graph Editor first.",
    "“{name}” has no face that could be seen.",
    "“{name}” is hidden: show it and try again.",
    "Choose the head that has ARKit's face keys.",
    "Select the head that is to get face keys.",
    "“{name}” was changed while the keys were computed: start again.",
    "“{name}” is linked from another file: append it, or make it local.",
    "“{name}” is in Edit Mode: leave it first.",
    "“{name}” has all face keys already.",
    "“{name}” has no face keys that Mien knows: choose another template.",
    # Footage and takes.
    "The capture was stopped; nothing was kept.",
    "{name} has no frame from {start} s on; it ends at {end} s. Choose an earlier start.",
    "{name} holds no picture that can be read: it is damaged or cut off. "
    "Copy it again from where it was recorded.",
    "{path} is not a video that can be read. Convert it to MP4 (H.264) and try again.",
    "{path} is empty: it holds not one byte. Copy it again from where it was recorded.",
    "{path} cannot be read ({reason}).",
    "There are no pictures at {place}. Name a folder of them, or a pattern such as shot.####.png.",
    "The scene has no camera to show footage behind; add one.",
    "Landmarks belong to a take; capture the footage first.",
    "The take “{name}” has no landmarks; capture it again.",
    "The take “{name}” is of other footage than “{footage}”; "
    "capture this footage or choose the take's.",
    "There is no take at “{path}” any more.",
    "There is no take at “{path}”.",
    "“{path}” is relative to the .blend file, which is not saved yet. "
    "Save it, or choose the file again.",
    "Takes cannot be written to “{folder}”: {reason}. Choose another folder in Mien's preferences.",
    "The take “{folder}” cannot be written ({reason}); make room or choose another folder.",
    "The take “{folder}” is damaged: {reason}",
    "“{folder}” is there already, and a take is never overwritten; choose another name.",
    "“{path}” is there already; choose another name.",
    "“{path}” is a folder; give the file a name.",
    "No face is seen at {time} s, so no neutral can be taken there; name another time.",
    "There is no Action “{name}”; choose another one.",
    "The preset “{path}” is gone; choose another.",
    "No face was found in {name}. Choose footage in which the face is seen from "
    "the front and larger than about 60 pixels, or even out its contrast if it is dark.",
    "Nothing of the take would be left between {first} s and {last} s; "
    "it is {duration} s long. Choose other frames.",
    "Frame {frame} lies outside the take, which begins at frame {start}; "
    "go to a frame on which the face rests.",
    "There is no take to preview.",
    "There is no folder “{folder}” any more.",
    "Capturing cannot start another process: {reason}.",
    # Faces, galleries and assets.
    "Select the character whose face is to be moved.",
    "Something of “{name}” was removed; preview it again.",
    "There is no such picture; make a gallery first.",
    "The scene has no camera and no character to look at: add a camera.",
    "Nothing of the face of “{name}” can be keyed.",
    "The Action “{name}” is linked from another file; make it local to key the face.",
    "The asset's library is no longer in the preferences; add it again.",
    "This asset holds no expression; choose one that Mien made.",
    "No bone of “{name}” shows its face, so there is no pose to save.",
    "Choose what moves on “{name}”.",
    "“{name}” has none of ARKit's face keys; choose another head.",
    "“{name}” has no mesh with faces: select the head's mesh.",
    "The weight file “{path}” is missing: {remedy}.",
    "{path} names no shot; add a [[shot]] with its name.",
    # Jobs and the rest.
    "Another job is running. Wait for it, or press Esc to stop it.",
    "There is no emotion “{name}”; there are {names}.",
    "This text is not a recipe; it should be JSON with “mien_recipe” and “steps”.",
    "The batch cannot be started in “{folder}”: {reason}. Choose another folder.",
    "Another batch works in {folder} ({who}).",
)

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
# Facts of a report are joined by these.
_JOINTS = re.compile(r"(\n|; )")


def translated(text: str) -> str:
    """A text in the language that Blender's interface has; English where none is known."""
    language = translations.locale
    # Blender without languages says nothing, or English.
    if not language or language not in _known_languages():
        return text
    return _kept(text, language)


def told(text: str, table: Mapping[str, str]) -> str:
    """A text by a table of sentences and their translations, each fact of it for itself."""
    whole = _sentence(text, table)
    if whole is not None:
        return whole
    pieces = _JOINTS.split(text)
    # Every second piece is a joint.
    pieces[::2] = [_fact(piece, table) for piece in pieces[::2]]
    return "".join(pieces)


def _fact(text: str, table: Mapping[str, str]) -> str:
    """One fact of a report, with a full stop or without; as it is if unknown."""
    found = _sentence(text, table)
    if found is None and text.endswith("."):
        found = _sentence(text[:-1], table)
        return text if found is None else f"{found}。"
    if found is None:
        found = _sentence(f"{text}.", table)
        return text if found is None else found.removesuffix("。")
    return found


def _sentence(text: str, table: Mapping[str, str]) -> str | None:
    """The translation of a sentence, None if the table has none."""
    if text in table:
        return table[text]
    for pattern, translation in _patterns(tuple(table.items())):
        found = pattern.fullmatch(text)
        if found:
            parts = {name: table.get(part, part) for name, part in found.groupdict().items()}
            return translation.format(**parts)
    return None


@functools.cache
def _known_languages() -> frozenset[str]:
    return frozenset(languages())


@functools.lru_cache(maxsize=256)
def _kept(text: str, language: str) -> str:
    """Panels ask for the same text at every redraw."""
    # Not only sentences: why a button is grey, or what a job does, stands as it is in a table.
    for context in (CONTEXT, None):
        known = iface_(text, context)
        if known != text:
            return known
    return told(text, _table(language))


@functools.cache
def _table(language: str) -> dict[str, str]:
    known = translations_into(language)
    keys = ((CONTEXT, sentence) for sentence in SENTENCES)
    return {key[1]: known[key] for key in keys if key in known}


@functools.lru_cache(maxsize=4)
def _patterns(table: tuple[tuple[str, str], ...]) -> list[tuple[re.Pattern[str], str]]:
    """Sentences with something in them; those with most words of their own come first."""
    templates = [each for each in table if _PLACEHOLDER.search(each[0])]
    templates.sort(key=lambda each: -len(_PLACEHOLDER.sub("", each[0])))
    return [(_pattern(sentence), translation) for sentence, translation in templates]


def _pattern(sentence: str) -> re.Pattern[str]:
    # Every second piece is the name of a placeholder: none reaches into the next fact, or takes
    # the full stop of the last one.
    pieces = _PLACEHOLDER.split(sentence)
    for place in range(0, len(pieces), 2):
        pieces[place] = re.escape(pieces[place])
    for place in range(1, len(pieces), 2):
        pieces[place] = rf"(?P<{pieces[place]}>(?:(?!; |\n).)+?)"
    return re.compile("".join(pieces) + ("" if sentence.endswith(".") else r"(?<!\.)"))
