# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures as a person reads them."""

from __future__ import annotations


def grouped(number: int) -> str:
    """A number, from ten thousand on with a space before each three digits."""
    return f"{number:,}".replace(",", " ") if number >= 10_000 else str(number)
