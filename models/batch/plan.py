# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be done for some shots: steps, each one command of Mien in a process of its own.

A step's key is a hash of all that its product depends on: contents of files, settings, code,
and the keys of the steps before. Steps of one key are one step, so that a film is captured
once for all characters.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .fingerprint import combined
from .shot import Shot

TARGET = "{target}"
"""Stands in a step's arguments for the place that its product is written to."""

WORK = "work"
_MODELS = {"fbx": ".fbx", "gltf": ".glb"}
_START_OF_KEY = 12


@dataclass(frozen=True)
class Step:
    """One command and what comes of it.

    kind: "capture", "bake", …; shot: the first shot that needs it.
    arguments: of the command, with `TARGET` for its output.
    product: where the product goes, relative to the batch's folder.
    needs: keys of the steps whose products it reads.
    continued: an interrupted step goes on in its product instead of starting again.
    """

    kind: str
    key: str
    shot: str
    arguments: tuple[str, ...]
    product: str
    needs: tuple[str, ...] = ()
    continued: bool = False

    @property
    def name(self) -> str:
        """What a person reads."""
        return f"{self.shot}: {self.kind.replace('_', ' ')}"


@dataclass(frozen=True)
class Plan:
    """steps: by key, each after those it needs. shots: with the keys of their steps, by kind."""

    steps: Mapping[str, Step]
    shots: Mapping[str, Mapping[str, str]]


def plan(
    shots: Iterable[Shot],
    folder: Path,
    fingerprint: Callable[[Path], str],
    code: str,
    threads: int = 1,
) -> Plan:
    """The steps for these shots, with products in `folder`.

    fingerprint: the hash of a file's or folder's content. code: of what makes the products.
    """
    planner = _Planner(folder, fingerprint, code, threads)
    return Plan(planner.steps, {shot.name: planner.shot(shot) for shot in shots})


class _Planner:
    def __init__(
        self, folder: Path, fingerprint: Callable[[Path], str], code: str, threads: int
    ) -> None:
        self._folder, self._fingerprint, self._code = folder, fingerprint, code
        self._threads = threads
        self.steps: dict[str, Step] = {}

    def shot(self, shot: Shot) -> dict[str, str]:
        """Add what a shot needs; the keys of its steps."""
        keys: dict[str, str] = {}
        performance = self._performance(shot, keys)
        if "live_link" in shot.make:
            keys["live_link"] = self._live_link(shot, *performance)
        if set(shot.make) - {"live_link"}:
            keys["bake"] = bake = self._bake(shot, *performance)
            for product, add in _AFTER_BAKE.items():
                if product in shot.make:
                    add(self, shot, bake, keys)
        return keys

    def _performance(self, shot: Shot, keys: dict[str, str]) -> tuple[str, str, tuple[str, ...]]:
        """Path of the take, what stands for its content, and the steps that make it."""
        if shot.take is not None:
            return str(shot.take), self._fingerprint(shot.take), ()
        assert shot.footage is not None
        keys["capture"] = key = self._capture(shot, shot.footage)
        return self._path(key), key, (key,)

    def _capture(self, shot: Shot, footage: Path) -> str:
        part = _given(start=shot.start, end=shot.end)
        # The file's name goes into the take.
        depends = [footage.name, self._fingerprint(footage), part]
        arguments = ["capture", footage, "-o", TARGET, *part, "--threads", self._threads]
        return self._add("capture", shot, arguments, f"takes/{footage.stem}-{{key}}.take", depends)

    def _live_link(self, shot: Shot, take: str, content: str, needs: tuple[str, ...]) -> str:
        recipe, depends = self._recipe(shot)
        arguments = ["curves", take, "-o", TARGET, *recipe]
        product = _place(shot, ".csv")
        return self._add("live_link", shot, arguments, product, [content, *depends], needs)

    def _bake(self, shot: Shot, take: str, content: str, needs: tuple[str, ...]) -> str:
        assert shot.character is not None
        recipe, depends = self._recipe(shot)
        settings = _given(
            character=shot.object,
            tolerance=shot.tolerance,
            start_frame=shot.start_frame,
            action_name=shot.name,
        )
        arguments = ["bake", take, "--blend", shot.character, "-o", TARGET, "--fit-range"]
        wanted = "blend" in shot.make
        product = _place(shot, ".blend") if wanted else f"{WORK}/{shot.name}.blend"
        depends = [content, self._fingerprint(shot.character), settings, *depends]
        return self._add("bake", shot, [*arguments, *settings, *recipe], product, depends, needs)

    def _recipe(self, shot: Shot) -> tuple[list[str], list[Any]]:
        """Arguments, and what the result depends on."""
        changes = _given(neutral=shot.neutral, refine=shot.refine, seed=shot.seed)
        if shot.recipe is None:
            return changes, [changes]
        return ["--recipe", str(shot.recipe), *changes], [self._fingerprint(shot.recipe), changes]

    def _action(self, shot: Shot, bake: str, keys: dict[str, str]) -> None:
        arguments = ["action", self._path(bake), "-o", TARGET, *_given(character=shot.object)]
        keys["action"] = self._add(
            "action", shot, arguments, _place(shot, ".action.blend"), [bake], (bake,)
        )

    def _stills(self, shot: Shot, bake: str, keys: dict[str, str]) -> None:
        frames = ",".join(map(str, shot.still_frames)) or "sample"
        product = f"shots/{shot.name}/stills"
        keys["stills"] = self._frames("stills", shot, keys, frames, product)

    def _video(self, shot: Shot, bake: str, keys: dict[str, str]) -> None:
        frames = "{}-{}".format(*shot.frames) if shot.frames else "all"
        product = f"{WORK}/{shot.name}.frames-{{key}}"
        keys["frames"] = pictures = self._frames("frames", shot, keys, frames, product)
        arguments = ["film", self._path(pictures), "-o", TARGET, "--rate-of", self._path(bake)]
        depends: list[Any] = [pictures]
        if shot.audio and shot.footage is not None:
            # Second 0 of the performance is the footage's `start`, and stands at start_frame.
            heard = _given(audio_start=shot.start or 0.0, start_frame=shot.start_frame)
            arguments += ["--audio", str(shot.footage), *heard]
            depends += [heard]
        keys["video"] = self._add(
            "video", shot, arguments, _place(shot, ".mp4"), depends, (pictures, bake)
        )

    def _frames(
        self, kind: str, shot: Shot, keys: Mapping[str, str], frames: str, product: str
    ) -> str:
        bake = keys["bake"]
        size = "x".join(map(str, shot.size)) if shot.size else None
        look = _given(engine=shot.engine, size=size, samples=shot.samples, character=shot.object)
        arguments = ["stills", self._path(bake), "-o", TARGET, f"--frames={frames}", *look]
        if shot.stamp:
            take = shot.take or self._path(keys["capture"])
            stamp = ["--stamp", shot.name, *_given(footage_start=shot.start)]
            arguments += [*stamp, "--timecode-of", str(take), f"--start-frame={shot.start_frame}"]
            look += stamp
        depends = [bake, frames, look]
        return self._add(kind, shot, arguments, product, depends, (bake,), continued=True)

    def _models(self, shot: Shot, bake: str, keys: dict[str, str]) -> None:
        for product, suffix in _MODELS.items():
            if product in shot.make:
                arguments = ["model", self._path(bake), "-o", TARGET]
                arguments += _given(character=shot.object)
                place = _place(shot, suffix)
                keys[product] = self._add(product, shot, arguments, place, [bake], (bake,))

    def _path(self, key: str) -> str:
        return str(self._folder / self.steps[key].product)

    def _add(
        self,
        kind: str,
        shot: Shot,
        arguments: Sequence[Any],
        product: str,
        depends: Sequence[Any],
        needs: tuple[str, ...] = (),
        continued: bool = False,
    ) -> str:
        key = combined([self._code, kind, product, json.dumps(depends)])
        product = product.replace("{key}", key[:_START_OF_KEY])
        texts = tuple(map(str, arguments))
        step = Step(kind, key, shot.name, texts, product, needs, continued)
        self.steps.setdefault(key, step)
        return key


_Add = Callable[[_Planner, Shot, str, dict[str, str]], None]

_AFTER_BAKE: Mapping[str, _Add] = {
    "action": _Planner._action,
    "stills": _Planner._stills,
    "video": _Planner._video,
    "fbx": _Planner._models,
    "gltf": _Planner._models,
}


def _place(shot: Shot, suffix: str) -> str:
    return f"shots/{shot.name}/{shot.name}{suffix}"


def _given(**settings: Any) -> list[str]:
    """Command line arguments for the settings that are given."""
    return [
        f"--{name.replace('_', '-')}={value}"
        for name, value in settings.items()
        if value is not None
    ]
