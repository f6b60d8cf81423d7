# SPDX-License-Identifier: GPL-3.0-or-later
"""Many small shots by one process and by several: shots a minute, and the batch's own memory.

    python benchmarks/batch_scale.py -o FOLDER --footage CLIP [--shots 200] [--jobs 1 2]

Every shot bakes a take of its own (a part of the clip) on the demo character. The batch's own
memory is read from /proc while it runs; its growth is that between a tenth of the run and its
end. The processors' seconds are those of all processes of the batch: over a quiet machine's
wall clock they say how busy it was, and if they grow with the processes, these hinder each
other. 0 if the goals are met: with two processes 1.8 times the throughput of one, and a memory
that does not grow by more than 2 MB; else 1. About seven minutes on two cores for 200 shots.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

MIEN = "import sys; from mien.blender_ops.commands import main; sys.exit(main(sys.argv[1:]))"

SPEED_UP_GOAL, GROWTH_GOAL = 1.8, 2.0
_SECONDS_BETWEEN_LOOKS = 0.25


def main() -> int:
    """Run the batches and print a table; 0 if the goals are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--footage", type=Path, required=True)
    parser.add_argument("--shots", type=int, default=200)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    character = options.output / "demo.blend"
    subprocess.run([sys.executable, "-c", MIEN, "character", "-o", str(character)], check=True)
    shots = options.output / "shots.toml"
    shots.write_text(_shot_list(options.footage, character, options.shots), encoding="utf-8")
    rows = [_measure(shots, options.output / f"jobs {jobs}", jobs) for jobs in options.jobs]
    print("| jobs | seconds | CPU s | shots a minute | speed-up | memory MB | growth MB |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        row["speed_up"] = rows[0]["seconds"] / row["seconds"]
        print(
            "| {jobs} | {seconds:.0f} | {processors:.0f} | {rate:.1f} | {speed_up:.2f} "
            "| {memory:.1f} | {growth:.1f} |".format(
                rate=60 * options.shots / row["seconds"], **row
            )
        )
    (options.output / "batch_scale.json").write_text(json.dumps(rows, indent=2) + "\n")
    fast = all(row["speed_up"] >= SPEED_UP_GOAL for row in rows if row["jobs"] == 2)
    return 0 if fast and all(row["growth"] <= GROWTH_GOAL for row in rows) else 1


def _shot_list(footage: Path, character: Path, count: int) -> str:
    """Shots of a fifth of a second each, so that no two are the same capture."""
    lines = [f'[defaults]\nfootage = "{footage.resolve()}"\ncharacter = "{character.resolve()}"']
    for number in range(count):
        start = (number % 90) / 30
        end = start + 0.2 + number // 90 / 1000
        lines.append(f'[[shot]]\nname = "s{number:04d}"\nstart = {start:.4f}\nend = {end:.4f}')
    return "\n".join(lines) + "\n"


def _measure(shots: Path, folder: Path, jobs: int) -> dict[str, float]:
    """Run one batch: its seconds and, of its own process, the memory in MB."""
    command = [sys.executable, "-c", MIEN, "batch", str(shots), "-o", str(folder)]
    before = _processors()
    begin = time.monotonic()
    process = subprocess.Popen([*command, "--jobs", str(jobs), "--threads", "1"])
    memory: list[float] = []
    while process.poll() is None:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
        memory.append(_memory(process.pid))
    if process.returncode:
        sys.exit(f"The batch failed with code {process.returncode}.")
    seconds = time.monotonic() - begin
    # The report, written at the end, loads OpenCV and is no part of the growth by shots.
    run = memory[len(memory) // 10 : -max(1, len(memory) // 20)] or memory
    return {
        "jobs": jobs,
        "seconds": seconds,
        "processors": _processors() - before,
        "memory": max(memory, default=0),
        "growth": run[-1] - run[0],
    }


def _processors() -> float:
    """Seconds of processors that ended children, and theirs, have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory(pid: int) -> float:
    """Resident MB of a process; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    rows = [line.split() for line in lines if line.startswith("VmRSS:")]
    return int(rows[0][1]) / 1024 if rows else 0.0


if __name__ == "__main__":
    sys.exit(main())
