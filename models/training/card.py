# SPDX-License-Identifier: GPL-3.0-or-later
"""A trained network on disk: an ONNX file, and beside it a card that says what it is.

`smile.onnx` has the card `smile.json`. A file whose hash is not the card's is refused.
Needs neither torch nor onnx, so that what only uses networks can read them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import weight_files
from ..errors import FormatError, WeightsError
from ..formats import atomic

_UNNAMED = "not stated beside the recording"

_REMEDY = (
    "copy a network together with its card, choose another folder of weights in the "
    "preferences, or install the extension again"
)


@dataclass(frozen=True)
class Card:
    """What a trained network is.

    network: what it does, in words.
    data: each recording it was trained on: "name", "licence", "sha256".
    licence: of the weights.
    date: when it was trained, as the trainer wrote it down (YYYY-MM-DD).
    seed: of everything random in it.
    configuration: all settings, as the configuration file holds them.
    figures: what it scored, by name.
    notes: what a person should know: limits, what the figures mean.
    sha256: of the ONNX file; filled in when it is written.
    """

    network: str
    data: tuple[Mapping[str, str], ...]
    licence: str
    date: str
    seed: int
    configuration: Mapping[str, Any]
    figures: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    sha256: str = ""


def write_network(path: Path, network: bytes, card: Card) -> Card:
    """Write an ONNX file and its card, the card last; the card as it is read from there on.

    Replaces what stands there. Raises WeightsError if it cannot be written.
    """
    signed = dataclasses.replace(card, sha256=hashlib.sha256(network).hexdigest())
    text = json.dumps(dataclasses.asdict(signed), indent=2, ensure_ascii=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with atomic.file(path, overwrite=True) as stream:
            stream.write(network)
        with atomic.file(path.with_suffix(".json"), overwrite=True) as stream:
            stream.write(text.encode())
    except FormatError as problem:
        raise WeightsError(str(problem)) from None
    return read_card(path)


def read_card(path: Path) -> Card:
    """The card of the network at `path`. Raises WeightsError if there is none."""
    return weight_files.read_card(path.with_suffix(".json"), _card_of, _REMEDY)


def _card_of(data: Mapping[str, Any]) -> Card:
    return Card(**{**data, "data": tuple(data["data"]), "notes": tuple(data["notes"])})


def read_network(path: Path) -> bytes:
    """The content of an ONNX file, checked against its card.

    Raises WeightsError if either is missing, or if the file is not what the card says.
    """
    return weight_files.read_weights(path, read_card(path).sha256, _REMEDY)


def described(recording: Path) -> dict[str, str]:
    """A recording's name, the first line of its licence, and its hash, for a card."""
    folder = recording if recording.is_dir() else recording.parent
    files = sorted(recording.rglob("*")) if recording.is_dir() else [recording]
    digest = hashlib.sha256()
    for path in files:
        if path.is_file():
            digest.update(path.read_bytes())
    licences = sorted(path for path in folder.glob("LICEN*") if path.is_file())
    text = licences[0].read_text(encoding="utf-8", errors="replace").strip() if licences else ""
    return {
        "name": f"{folder.name}/{recording.name}" if recording.is_file() else folder.name,
        "licence": text.splitlines()[0].strip() if text else _UNNAMED,
        "sha256": digest.hexdigest(),
    }
