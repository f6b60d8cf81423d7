# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs, told in Blender's status bar, which is seen in every workspace."""

from __future__ import annotations

from typing import Any

import bpy

from .jobs.job import Job
from .translations.lookup import iface_
from .translations.sentences import translated


class _Shown:
    """What the status bar says for Mien, "" for nothing: it is set only when it changes."""

    text = ""


_SHOWN = _Shown()


def show_job(name: str, job: Job) -> None:
    """Say how far a job is, and how to stop it. name: of the operator, in the user's language."""
    words = iface_("{name}: {share:.0%}   {doing}   Esc stops it")
    text = words.format(name=name, share=job.fraction, doing=translated(job.text))
    if text != _SHOWN.text:
        _SHOWN.text = text
        _set(text)


def clear() -> None:
    """Give the status bar back to Blender."""
    if _SHOWN.text:
        _SHOWN.text = ""
        _set(None)


def _set(text: str | None) -> None:
    workspaces: Any = bpy.data.workspaces
    for workspace in workspaces:
        workspace.status_text_set(text)
