# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe shown on the character before it is baked: `scene.mien.preview`.

While it is on, a handler sets on each frame what a bake would key there. The Action that is
assigned is neither touched nor taken away: what it plays is written over. What the face showed
before is kept in the scene, so that switching off, undo and a crash find it again; a file is
saved, and a picture rendered, as if there were no preview.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Object, PropertyGroup

from ..models.errors import MienError
from .jobs.job import State
from .jobs.showing import ShowJob
from .last_error import LAST_ERROR
from .preferences import model_folder, refiner_folder
from .take_paths import as_absolute

if TYPE_CHECKING:
    from ..blender_ops.playback import Playback

SECONDS_BETWEEN_LOOKS = 0.1
HOLDS_FACE = "Switch off the preview on the character first: it holds the face"

# What the preview depends on besides the recipe and the take.
_SETTINGS = ("take", "recipe", "start_frame", "head", "neck_share", "eyes")

logger = logging.getLogger(__name__)


class MienPreviewSettings(PropertyGroup):
    """Whether the recipe is shown on a character, and what that showed before."""

    on: BoolProperty(name="Preview on Character", options={"HIDDEN"})
    character: StringProperty(description="The object it is shown on", options={"HIDDEN"})
    before: StringProperty(
        description="What the face showed before, and on which frame, as JSON", options={"HIDDEN"}
    )


class FacePreview:
    """Evaluates the recipe whenever it has changed, and shows it frame by frame.

    problem: why nothing is shown, "" if all is well. job: what is being evaluated, or None.
    """

    def __init__(self) -> None:
        self.problem = ""
        self.job: ShowJob | None = None
        self._job_for = ""
        self._shown_for = ""
        self._last_seen = ""
        self._playback: Playback | None = None
        # What each face showed before, of scenes whose preview is paused.
        self._paused: dict[int, str] = {}

    def start(self, scene: Any, character: Object) -> None:
        """Show the scene's recipe on a character from now on; `follow` does it."""
        self.forget()
        for other in _previewing():
            self.stop(other)
        preview = scene.mien.preview
        preview.on, preview.character, preview.before = True, character.name, ""
        self.keep_following()

    def stop(self, scene: Any) -> None:
        """The face is as it was."""
        self.forget()
        if scene.mien.preview.on:
            scene.mien.preview.on = False
            _put_back(scene, evaluate=True)

    def keep_following(self) -> None:
        """Look again and again whether the recipe has changed, where there is a window."""
        if _previewing() and not bpy.app.timers.is_registered(self._look):
            bpy.app.timers.register(self._look)

    def wait(self) -> None:
        """Follow until what is wanted is shown: for scripts, where no timer runs."""
        while self.follow() and (self.job is not None or self._last_seen != self._shown_for):
            if self.job is not None:
                self.job.wait()

    def forget(self) -> None:
        """Let go of Blender's data: an undo or another file is about to replace them."""
        if self.job is not None:
            self.job.cancel()
        self.problem, self.job, self._playback = "", None, None
        self._job_for = self._shown_for = self._last_seen = ""

    def follow(self) -> bool:
        """Go on for a moment: evaluate what has changed, show what is ready. False: it is off."""
        scene = next(iter(_previewing()), None)
        if scene is None:
            self.forget()
            return False
        wanted = _wanted(scene)
        if self.job is not None:
            self._go_on(scene, wanted)
        elif wanted == self._last_seen and wanted != self._shown_for:
            self._evaluate(scene, wanted)
        self._last_seen = wanted
        return True

    def show(self, scene: Any) -> None:
        """Show the current frame. Never raises; `problem` says what was wrong."""
        if self._playback is None or not scene.mien.preview.on:
            return
        try:
            self._playback.show(scene.frame_current_final)
        except Exception as error:
            self._fail(error)

    @contextlib.contextmanager
    def paused(self, scene: Any) -> Iterator[None]:
        """Meanwhile the face is as it was, and the scene says nothing of a preview."""
        self.pause(scene)
        try:
            yield
        finally:
            self.go_on(scene)

    def pause(self, scene: Any) -> None:
        """What `paused` begins with."""
        preview = scene.mien.preview
        if preview.on and scene.library is None:
            self._paused[scene.session_uid] = preview.before
            _put_back(scene, evaluate=False)
            preview.on = False

    def go_on(self, scene: Any) -> None:
        """What `paused` ends with."""
        before = self._paused.pop(scene.session_uid, None)
        if before is not None:
            scene.mien.preview.on, scene.mien.preview.before = True, before
            self._begin_to_show(scene)
            self.keep_following()

    def stop_everywhere(self) -> None:
        """Mien goes: no face stays as the preview shows it."""
        for scene in _previewing():
            self.stop(scene)
        self.forget()
        if bpy.app.timers.is_registered(self._look):
            bpy.app.timers.unregister(self._look)

    def recover(self) -> None:
        """A file that was never properly saved may hold a preview: the face is as it was."""
        self.forget()
        for scene in _previewing():
            _put_back(scene, evaluate=False)
            scene.mien.preview.on = False

    def _look(self) -> float | None:
        """Blender's timer."""
        if self._paused or self.follow():
            return SECONDS_BETWEEN_LOOKS
        return None

    def _evaluate(self, scene: Any, wanted: str) -> None:
        self._job_for = wanted
        try:
            self.job = _job(scene)
        except MienError as error:
            self._fail(error)
            self._shown_for = wanted
        _redraw()

    def _go_on(self, scene: Any, wanted: str) -> None:
        assert self.job is not None
        if wanted != self._job_for:
            self.job.cancel()
            self.job = None
            return
        if self.job.poll():
            _redraw()
            return
        job, self.job = self.job, None
        self._shown_for = self._job_for
        if job.state is State.DONE:
            self.problem, self._playback = "", job.result
            self._begin_to_show(scene)
        elif job.error is not None:
            self._fail(job.error)
        _redraw()

    def _begin_to_show(self, scene: Any) -> None:
        """Keep what the face shows, and show the current frame."""
        from ..blender_ops.places import in_words, restore

        if self._playback is None:
            return
        preview = scene.mien.preview
        try:
            now = in_words(self._playback.places)
            frame, kept = json.loads(preview.before) if preview.before else (None, {})
            restore({name: value for name, value in kept.items() if name not in now})
            said = {name: kept.get(name, value) for name, value in now.items()}
            frame = scene.frame_current_final if frame is None else frame
            preview.before = json.dumps([frame, said])
        except (ValueError, ReferenceError) as error:
            self._fail(error)
        self.show(scene)

    def _fail(self, error: Exception) -> None:
        self._playback = None
        self.problem = str(error) or type(error).__name__
        LAST_ERROR.remember("mien.preview_on_character", error)
        if not isinstance(error, MienError):
            logger.error("The preview failed", exc_info=error)


def why_held(context: Context) -> str:
    """Why the face cannot be moved by other means, "" if it can."""
    scene: Any = context.scene
    return HOLDS_FACE if scene.mien.preview.on else ""


def _job(scene: Any) -> ShowJob:
    """Evaluate the scene's recipe, as a bake does. Raises MienError if that cannot be."""
    from ..blender_ops.character import find_character
    from ..blender_ops.mapping import match
    from ..blender_ops.playback import playback_in_steps
    from .operators.bake import bake_settings, prepared_performance
    from .properties import recipe_of

    settings = scene.mien
    if not settings.take:
        raise MienError("There is no take to preview.")
    prepare = functools.partial(
        prepared_performance,
        as_absolute(settings.take),
        recipe_of(settings),
        refiner=refiner_folder(),
        model=model_folder(),
    )
    character = find_character(scene.objects.get(settings.preview.character))
    mapping, options = match(character), bake_settings(settings, "")
    return ShowJob(
        prepare,
        lambda performance: playback_in_steps(performance, character, mapping, options, scene),
    )


def _previewing() -> list[Any]:
    """The scenes with a preview; at most one, but for a moment."""
    return [
        scene
        for scene in bpy.data.scenes
        if scene.library is None and scene.mien.preview.on  # type: ignore[attr-defined]
    ]


def _wanted(scene: Any) -> str:
    """What the preview depends on, to tell whether it is still true."""
    settings, render = scene.mien, scene.render
    values = [getattr(settings, name) for name in _SETTINGS]
    values += [settings.preview.character, render.fps, render.fps_base]
    return repr([*values, refiner_folder(), model_folder()])


def _put_back(scene: Any, evaluate: bool) -> None:
    """The face as it was when the preview began.

    evaluate: bring what is animated to the current frame, if that is another one now.
    """
    from ..blender_ops.places import Place, animated, restore

    preview = scene.mien.preview
    if not preview.before:
        return
    frame, values = json.loads(preview.before)
    preview.before = ""
    restore(values)
    places = [place for place in map(Place.found, values) if place is not None]
    if evaluate and frame != scene.frame_current_final and animated(places):
        scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)


def _redraw() -> None:
    from .operators.watching import redraw_sidebars

    redraw_sidebars(bpy.context)


# Of this Python process; it is emptied by undo and by another file.
FACE_PREVIEW = FacePreview()

CLASSES: tuple[type, ...] = (MienPreviewSettings,)
