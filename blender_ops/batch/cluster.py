# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a batch on many machines: tasks of a Dask scheduler.

Dask (https://distributed.dask.org) hands them out, gives the steps of a worker that is lost to
others, tries again what crashed, and shows it all on its dashboard. A task does on its worker
what `LocalProcesses` does here: it runs the step's command in a process of its own. What goes
in and comes out lies in the batch's folder, which all must see under the same path.

Dask is no part of Mien and is imported here only.
"""

from __future__ import annotations

import functools
import json
import logging
import math
import secrets
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from ...models.batch.attempt import ATTEMPTS, Attempt, Outcome
from ...models.batch.fingerprint import Fingerprints
from ...models.batch.lock import BatchError
from ...models.batch.plan import Step
from ...models.batch.store import Store
from .process import blender, made_by, start_command

_SECONDS_TO_ANSWER = 20
_SECONDS_BETWEEN_LOOKS = 0.05
_SECONDS_BETWEEN_QUESTIONS = 2.0
_SECONDS_TO_CLOSE = 5
# Tasks for each thread of the workers: one that runs, and one that waits for it to end.
_AHEAD = 2

Request = Mapping[str, Any]


class Cluster:
    """An executor: the workers of a Dask scheduler.

    address: the scheduler's, such as tcp://farm:8786. Raises BatchError if Dask is not
    installed here, nobody answers there, or this is Blender: workers run in the bpy module.
    """

    def __init__(self, address: str, store: Store) -> None:
        self._client = _client(address)
        self._address, self._folder = address, str(store.folder)
        self._made_by = made_by()
        self._threads, self._counted = 0, -math.inf
        self._count_threads()
        self._run = secrets.token_hex(8)
        self._mark = store.mark(self._run)
        self._mark.touch()
        self._running: list[tuple[Step, Any]] = []

    @property
    def words(self) -> str:
        """Where it can be watched."""
        waits = "" if self._threads else "waits for workers; "
        return f"{self._threads} threads at {self._address}; {waits}{self._client.dashboard_link}"

    @property
    def has_room(self) -> bool:
        """Whether the workers have too little to do. Raises BatchError without a scheduler."""
        if time.monotonic() - self._counted > _SECONDS_BETWEEN_QUESTIONS:
            self._count_threads()
        return len(self._running) < _AHEAD * max(1, self._threads)

    @property
    def is_busy(self) -> bool:
        """Whether any task is not over."""
        return bool(self._running)

    def start(self, step: Step) -> None:
        """Hand the step to the scheduler."""
        request = {
            "step": json.dumps(asdict(step)),
            "folder": self._folder,
            "run": self._run,
            "made_by": self._made_by,
        }
        future = self._client.submit(
            _task(),
            request,
            # The dashboard groups by what stands before the name.
            key=f"{step.kind}-{step.shot}-{secrets.token_hex(4)}",
            pure=False,
            retries=ATTEMPTS - 1,
        )
        self._running.append((step, future))

    def finished(self) -> Iterator[tuple[Step, Outcome]]:
        """The steps whose task is over.

        Raises BatchError if the scheduler is lost, or a worker cannot do its part: it would
        spoil one step after the other.
        """
        for entry in list(self._running):
            step, future = entry
            if future.status in ("lost", "cancelled") or self._client.status == "closed":
                raise self._lost()
            if future.done():
                self._running.remove(entry)
                yield step, _outcome(future)

    def stop(self) -> None:
        """Take all back; what runs on a worker ends within seconds."""
        self._mark.unlink(missing_ok=True)
        # A scheduler that is gone has nothing to take back.
        with suppress(OSError):
            if self._running and self._client.status == "running":
                self._client.cancel([future for _, future in self._running], force=True)
        self._running.clear()
        self._client.close(timeout=_SECONDS_TO_CLOSE)

    def _count_threads(self) -> None:
        """Ask for the workers' threads: workers come and go."""
        try:
            self._threads = sum(self._client.nthreads().values())
        except OSError:
            raise self._lost() from None
        self._counted = time.monotonic()

    def _lost(self) -> BatchError:
        return BatchError(
            f"The scheduler at {self._address} is lost; start it and go on with --resume."
        )


def _client(address: str) -> Any:
    if blender():
        raise BatchError(
            "--cluster is for Mien outside of Blender, as “python build.py setup” installs it; "
            "leave it out here, and the batch runs on this machine."
        )
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise BatchError(
            "--cluster needs Dask, which is not installed here: "
            f"“{sys.executable} -m pip install distributed”, and the same on every worker."
        ) from None
    # What it would report as a traceback is told in one line here.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        return distributed.Client(
            address, timeout=_SECONDS_TO_ANSWER, set_as_default=False, name="mien batch"
        )
    except (OSError, ValueError) as error:
        raise BatchError(
            f"No Dask scheduler answers at {address} ({error}); "
            "start one with “dask scheduler” and give its address."
        ) from None


def _outcome(future: Any) -> Outcome:
    error = future.exception()
    if error is None:
        answer = dict(future.result())
        if problem := answer.pop("problem"):
            raise BatchError(problem)
        target = answer.pop("target")
        return Outcome(target=None if target is None else Path(target), **answer)
    if isinstance(error, ImportError):
        raise BatchError(
            f"A worker has no Mien ({error}): start it in the Python that has, "
            "and go on with --resume."
        )
    if type(error).__name__ == "KilledWorker":
        return Outcome("took several workers with it; look at their memory", crashed=True)
    return Outcome(str(error), crashed=isinstance(error, RuntimeError))


def _task() -> Callable[[Request], dict[str, Any]]:
    """What is sent: a function inside a function, which Dask sends by value. The scheduler, which
    opens it, needs no Mien then."""

    def mien_step(request: Request) -> dict[str, Any]:
        from importlib import import_module

        answer: dict[str, Any] = import_module("mien.blender_ops.batch.cluster").do(request)
        return answer

    return mien_step


# --- On a worker ---------------------------------------------------------------------------


def do(request: Request) -> dict[str, Any]:
    """Do a step on this machine: its `Outcome` as plain data, and "problem", why no step can be
    done here, or "".

    Raises RuntimeError if it crashed, so that Dask tries again.
    """
    store = Store(Path(request["folder"]))
    mark = store.mark(request["run"])
    problem = _problem(request, mark)
    if problem:
        return {"problem": problem, "target": None}
    outcome = _watched(_step(request["step"]), store, mark)
    if outcome.crashed:
        raise RuntimeError(outcome.error)
    target = None if outcome.target is None else str(outcome.target)
    return {**asdict(outcome), "problem": "", "target": target}


def _problem(request: Request, mark: Path) -> str:
    host = socket.gethostname()
    if not mark.is_file():
        return (
            f"The worker on {host} does not see {request['folder']} as this machine does; "
            "give all workers the same path to the same folder and go on with --resume."
        )
    if request["made_by"] != made_by(_prints()):
        return (
            f"The worker on {host} has another Mien or Blender than this machine; "
            "install the same and go on with --resume."
        )
    return ""


@functools.cache
def _prints() -> Fingerprints:
    """Of this worker's code, which may be brought up to date while it waits."""
    return Fingerprints()


def _step(text: str) -> Step:
    data = json.loads(text)
    return Step(**{**data, **{name: tuple(data[name]) for name in ("arguments", "needs")}})


def _watched(step: Step, store: Store, mark: Path) -> Outcome:
    """The step's outcome; it is stopped when the batch is over."""
    attempt = Attempt(step, store, start_command)
    looked = time.monotonic()
    while (outcome := attempt.outcome()) is None:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
        if time.monotonic() - looked > _SECONDS_BETWEEN_QUESTIONS:
            looked = time.monotonic()
            if not mark.is_file():
                attempt.stop()
                return Outcome("the batch is over")
    return outcome
