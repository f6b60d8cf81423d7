# SPDX-License-Identifier: GPL-3.0-or-later
"""The last error of an operator, for the report. Of this Python process only."""

from __future__ import annotations

import traceback
from datetime import datetime


class LastError:
    """What went wrong last: `text` is "" until something has."""

    def __init__(self) -> None:
        self.text = ""

    def remember(self, operator: str, error: Exception) -> None:
        """Keep an error with its place in the code, the operator's name and the time."""
        when = datetime.now().strftime("%Y-%m-%d %H:%M:%S")
        self.text = f"{when}, {operator}\n{''.join(traceback.format_exception(error))}"


LAST_ERROR = LastError()
