# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of weights and the cards beside them: read only where the two fit.

A card is JSON that says, among other things, the SHA-256 of what it describes. Needs
nothing but the standard library, so that whatever runs inside Blender can use it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from .errors import WeightsError

Meaning = TypeVar("Meaning")


def read_card(path: Path, meaning: Callable[[dict[str, object]], Meaning], remedy: str) -> Meaning:
    """What a card says. meaning: makes of its JSON what is wanted, and raises ValueError,
    KeyError or TypeError where that is not in it. remedy: what a person should do, in words.

    Raises WeightsError if the card is missing, unreadable or damaged.
    """
    try:
        return meaning(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise WeightsError(f"The card of weights “{path}” is missing: {remedy}.") from None
    except OSError as problem:
        raise WeightsError(f"The card “{path}” cannot be read ({problem.strerror}).") from None
    except (ValueError, KeyError, TypeError):
        raise WeightsError(
            f"The card “{path}” does not describe its weights; it is damaged: {remedy}."
        ) from None


def read_weights(path: Path, sha256: str, remedy: str) -> bytes:
    """The content of a weight file whose hash its card says. remedy: as above.

    Raises WeightsError if the file is missing, unreadable, or another than the card's.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise WeightsError(f"The weight file “{path}” is missing: {remedy}.") from None
    except OSError as problem:
        raise WeightsError(
            f"The weight file “{path}” cannot be read ({problem.strerror})."
        ) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise WeightsError(
            f"The weight file “{path}” is not what its card says; "
            f"it was altered or is damaged: {remedy}."
        )
    return content
