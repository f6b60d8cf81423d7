# SPDX-License-Identifier: GPL-3.0-or-later
"""What all of Mien's operators share: errors as reports, grey buttons that say why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from bpy.types import Context, Operator

from ...models.errors import MienError
from ..last_error import LAST_ERROR
from ..translations.lookup import n_
from ..translations.sentences import translated

NEEDS_TAKE = n_("Capture footage or load a take first")

# {"FINISHED"}, {"CANCELLED"} and the like.
Outcome: TypeAlias = set[Any]


class ReportingOperator(Operator):
    """Base of each operator, which defines `run` and, if need be, `disabled_reason`."""

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Why the operator cannot run now, as a sentence; "" if it can."""
        return ""

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Blender's question whether the operator can run; the tooltip tells the reason."""
        reason = cls.disabled_reason(context)
        if reason:
            cls.poll_message_set(translated(reason))
        return not reason

    def execute(self, context: Context) -> Outcome:
        """Run, and report what the user can put right instead of a traceback."""
        return self.reporting(self.run, context)

    def reporting(self, action: Callable[[Context], Outcome], context: Context) -> Outcome:
        """Call `action(context)`; a MienError becomes a report and cancels."""
        try:
            return action(context)
        except MienError as error:
            LAST_ERROR.remember(self.bl_idname, error)
            self.report({"ERROR"}, translated(str(error)))
            return {"CANCELLED"}
        except Exception as error:
            LAST_ERROR.remember(self.bl_idname, error)
            raise

    def run(self, context: Context) -> Outcome:
        """Do it. Raises MienError for what the user can put right."""
        raise NotImplementedError
