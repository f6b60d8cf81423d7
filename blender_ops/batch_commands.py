# SPDX-License-Identifier: GPL-3.0-or-later
"""The command ``mien batch``: a shot list becomes what it asks for, over night."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..models.batch.lock import BatchError, locked
from ..models.batch.run import KEEP_FREE

if TYPE_CHECKING:
    from ..models.batch.executor import Executor
    from ..models.batch.plan import Plan
    from ..models.batch.run import ShotResult
    from ..models.batch.shot import Shot
    from ..models.batch.store import Store

Result = dict[str, Any]


def batch(options: argparse.Namespace) -> Result:
    """Shot list → takes, .blend files, videos and more, several at once."""
    from ..models.batch.shot_list import read_shot_list
    from ..models.batch.store import Store

    if options.cluster is not None and options.jobs is not None:
        raise BatchError("--jobs is for this machine; a cluster's workers say it by --nthreads.")
    options.jobs = 1 if options.jobs is None else options.jobs
    if options.jobs < 1 or options.threads < 1:
        raise BatchError("--jobs and --threads are counted from 1.")
    shots = _chosen(read_shot_list(options.shots), options.only)
    store = Store(options.output.absolute())
    results, options.json = options.json, None  # a line a shot, not one object
    if options.dry_run:
        _tell(_plan(shots, store, options.threads), store)
        return {}
    if store.is_used and not options.resume:
        raise BatchError(
            f"A batch ran in {options.output} already: go on with --resume, "
            "or choose another folder."
        )
    store.folder.mkdir(parents=True, exist_ok=True)
    with locked(store.folder):
        store.open()
        _run(_plan(shots, store, options.threads), shots, store, options, results)
    return {}


def _chosen(shots: Sequence[Shot], names: Sequence[str] | None) -> list[Shot]:
    """The shots of these names. Raises BatchError for a name that no shot has."""
    if not names:
        return list(shots)
    known = {shot.name for shot in shots}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BatchError(
            f"No shot is called “{unknown[0]}”; there are {', '.join(sorted(known)[:40])}."
        )
    return [shot for shot in shots if shot.name in names]


def _plan(shots: Sequence[Shot], store: Store, threads: int) -> Plan:
    from ..models.batch.fingerprint import Fingerprints
    from ..models.batch.plan import plan
    from .batch.process import made_by

    prints = Fingerprints(store.memory)
    result = plan(shots, store.folder, prints.of, made_by(), threads)
    if store.is_used:
        prints.keep()
    return result


def _tell(plan: Plan, store: Store) -> None:
    """Say what would be done, as commands that can be run by hand or by a farm."""
    from ..models.batch.plan import TARGET

    waiting = 0
    for step in plan.steps.values():
        done = store.record(step) is not None
        waiting += not done
        product = str(store.folder / step.product)
        words = [product if each == TARGET else each for each in step.arguments]
        print(f"{'done' if done else 'to do'}  {step.name}: mien {_quoted(words)}")
    print(f"{len(plan.shots)} shots, {len(plan.steps)} steps, {waiting} to do.")


def _quoted(words: Sequence[str]) -> str:
    import shlex

    return shlex.join(words)


def _run(
    plan: Plan,
    shots: Sequence[Shot],
    store: Store,
    options: argparse.Namespace,
    json_file: Path | None,
) -> None:
    """Do what is to be done. Raises BatchError if a shot failed, or it was stopped."""
    from ..models.batch.report import write_report
    from ..models.batch.results import RESULTS, line, write_results
    from ..models.batch.run import Run
    from .batch.progress import progress

    errors: dict[str, str] = {}
    files = [store.folder / RESULTS, *([json_file] if json_file is not None else [])]
    for file in files:
        file.write_bytes(b"")

    def on_shot(result: ShotResult) -> None:
        if result.error:
            errors[result.name] = result.error
        for file in files:
            with file.open("ab") as stream:
                stream.write(line(result).encode())

    def results() -> Any:
        return (_result(plan, store, name, errors) for name in plan.shots)

    executor = _executor(store, options)
    try:
        with progress(plan, on_shot) as watcher:
            Run(plan, store, executor, watcher, options.keep_free).until_done()
    except KeyboardInterrupt:
        raise BatchError("stopped; go on with --resume.") from None
    for file in files:  # in the list's order, now that all are over
        write_results(file, results())
    by_name = {shot.name: shot for shot in shots}
    page = write_report(results(), store.folder, options.shots.name, by_name)
    print(f"Report: {page}")
    if errors:
        names = ", ".join(list(errors)[:10]) + (" …" if len(errors) > 10 else "")
        raise BatchError(
            f"{len(errors)} of {len(plan.shots)} shots failed: {names}. "
            f"Their logs are in {store.folder / 'logs'}."
        )


def _executor(store: Store, options: argparse.Namespace) -> Executor:
    """Where the steps are done. Raises BatchError if a cluster is asked for and not there."""
    from ..models.batch.executor import LocalProcesses
    from .batch.process import start_command

    if options.cluster is None:
        return LocalProcesses(store, start_command, options.jobs)
    from .batch.cluster import Cluster

    cluster = Cluster(options.cluster, store)
    print(f"Cluster: {cluster.words}", flush=True)
    return cluster


def _result(plan: Plan, store: Store, name: str, errors: dict[str, str]) -> ShotResult:
    import dataclasses

    from ..models.batch.run import shot_result

    return dataclasses.replace(shot_result(plan, store, name, {}), error=errors.get(name, ""))


def add_batch_command(add: Callable[[str, Callable[[argparse.Namespace], Result]], Any]) -> None:
    """Give the parser the command. add: makes the parser of a name and an action."""
    command = add("batch", batch)
    command.add_argument("shots", type=Path, metavar="SHOTS", help="a list, .toml or .csv")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    command.add_argument("--jobs", type=int, metavar="N", help="processes at once; 1")
    command.add_argument(
        "--cluster", metavar="ADDRESS", help="the workers of this Dask scheduler do the work"
    )
    command.add_argument("--threads", type=int, default=1, metavar="N", help="of each capture")
    command.add_argument("--resume", action="store_true", help="go on in a folder that is used")
    command.add_argument("--only", nargs="+", metavar="NAME", help="these shots of the list")
    command.add_argument("--dry-run", action="store_true", help="say what would be done")
    command.add_argument(
        "--keep-free",
        type=lambda text: int(float(text) * (1 << 20)),
        default=KEEP_FREE,
        metavar="MB",
        help="stop before the disk has less than this",
    )
