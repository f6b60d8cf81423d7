# SPDX-License-Identifier: GPL-3.0-or-later
"""The expression model and its axes, loaded where they are first needed and kept.

A panel that wants to name the axes must not wait for a network: it asks what is ready, and
what is not is loaded in a thread.
"""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ..models.errors import MienError
from .preferences import model_folder

if TYPE_CHECKING:
    from ..models.vae.axes import Axis
    from ..models.vae.runtime import ExpressionModel

AXES = 8
"""How many axes have sliders."""

_SECONDS_BETWEEN_LOOKS = 0.1


class LoadedModel:
    """The model of the preferences, at most one.

    problem: why it cannot be loaded, "" if it can.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: str | None = None
        self._loaded: tuple[ExpressionModel, tuple[Axis, ...]] | None = None
        self._thread: threading.Thread | None = None
        self.problem = ""

    def get(self) -> tuple[ExpressionModel, tuple[Axis, ...]]:
        """The model and its axes; loads them, if need be.

        Raises WeightsError if the weights cannot be used.
        """
        return self._get(model_folder())

    @property
    def axis_names(self) -> tuple[str, ...]:
        """The names of the axes; none as long as they are not loaded."""
        if self._loaded is None or self._folder != model_folder():
            return ()
        return tuple(axis.name for axis in self._loaded[1])

    def prepare(self) -> None:
        """Load them in a thread, unless they are loaded or cannot be."""
        folder = model_folder()
        is_known = self._folder == folder and (self._loaded is not None or self.problem)
        if not is_known and not self._is_loading:
            self._thread = threading.Thread(target=self._load, args=(folder,), daemon=True)
            self._thread.start()
            bpy.app.timers.register(self._look, first_interval=_SECONDS_BETWEEN_LOOKS)

    @property
    def _is_loading(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def forget(self) -> None:
        """Give the memory back."""
        with self._lock:
            self._folder, self._loaded, self.problem = None, None, ""

    def _get(self, folder: str) -> tuple[ExpressionModel, tuple[Axis, ...]]:
        from ..models.vae.axes import axes
        from ..models.vae.runtime import ExpressionModel

        with self._lock:
            if self._loaded is None or self._folder != folder:
                self._folder, self._loaded, self.problem = folder, None, ""
                try:
                    model = ExpressionModel(Path(folder) if folder else None)
                    self._loaded = model, axes(AXES, model)
                except MienError as problem:
                    self.problem = str(problem)
                    raise
            return self._loaded

    def _load(self, folder: str) -> None:
        with contextlib.suppress(MienError):  # The panel shows what is wrong.
            self._get(folder)

    def _look(self) -> float | None:
        """A timer's question: is the thread done, so that the sidebar can be drawn again?"""
        if self._is_loading:
            return _SECONDS_BETWEEN_LOOKS
        from .operators.watching import redraw_sidebars

        redraw_sidebars(bpy.context)
        return None


# Of this Python process: it holds nothing of Blender's.
MODEL = LoadedModel()
