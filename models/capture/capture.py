# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture: footage in, a raw performance out, with what else was tracked.

Three things run at once where two cores may be used: the next frames are decoded, the
face is tracked in this one, and the weights of the last ones are solved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS
from ..errors import Cancelled, FootageError
from ..performance import Floats, Performance, Source
from ..timecode import seconds, timecode
from .blendshapes import BlendshapeSolver
from .conditioning import Conditioning
from .footage import Footage, Frame, Frames, open_footage, read_ahead
from .gaps import eased_weights, held, lost_spans
from .gaze import eyes_from_weights
from .glimpses import Glimpses
from .head_pose import HeadPose, heads_from_matrices
from .landmarks import COUNT
from .solver.rest import found_rest
from .solver.solve import APPEARANCE, Solver, solved
from .spool import Spool
from .tongue import tongue_out
from .tracker import Seen, Tracker, TrackerOptions
from .weights import library

SOLVERS = ("mien", "blendshapes")

# Frames that are solved at one go.
_BATCH = 32
_TONGUE = CHANNELS.index("tongueOut")


@dataclass(frozen=True)
class CaptureOptions:
    """How footage is captured.

    start, end: seconds of the footage, both included; None = from its start, to its end.
        A camera needs an end.
    face: None for the largest face; else its number in order of size, see
        `tracker.TrackerOptions`.
    threads: processor cores to use; 1 keeps to one.
    solver: whose weights: "mien", this project's own, relative to the face at rest; or
        "blendshapes", MediaPipe's.
    rest: seconds of the performance at which the face is at rest, for Mien's solver; None
        finds them.
    conditioning: what is done to the pictures first.
    rate: pictures a second of an image sequence.
    thorough: also find small and distant faces, and look again at once for a lost one.
    tongue: tongueOut, from a signal that MediaPipe leaves unused.
    smooth: filter the landmarks as MediaPipe does; see `tracker.TrackerOptions`.

    Raises FootageError for values that make no sense.
    """

    start: float | None = None
    end: float | None = None
    face: int | None = None
    threads: int = 2
    solver: str = "mien"
    rest: float | None = None
    conditioning: Conditioning = field(default_factory=Conditioning)
    rate: float = 24.0
    thorough: bool = True
    tongue: bool = True
    smooth: bool = True

    def __post_init__(self) -> None:
        if self.threads < 1:
            raise FootageError(f"Capture needs at least one thread, not {self.threads}.")
        if self.solver not in SOLVERS:
            raise FootageError(
                f"There is no solver “{self.solver}”; choose one of: {', '.join(SOLVERS)}."
            )
        if (self.start or 0) < 0 or (self.end is not None and self.end < (self.start or 0)):
            raise FootageError("The part to capture must start at 0 s or later and end after it.")

    @classmethod
    def as_mediapipe(cls, threads: int = 2) -> CaptureOptions:
        """Options under which Mien gives what MediaPipe's Face Landmarker gives."""
        return cls(threads=threads, solver="blendshapes", thorough=False, tongue=False)


@dataclass(frozen=True)
class CaptureReport:
    """What a capture saw.

    frames: how many were captured; seen: in how many the face was found.
    lost: (start, end) seconds of the performance for each span without the face.
    warnings: what went wrong without stopping the capture.
    """

    frames: int
    seen: int
    lost: tuple[tuple[float, float], ...]
    warnings: tuple[str, ...] = ()

    def words(self) -> str:
        """The report for a person, a line a fact."""
        lines = [f"{self.frames} frames captured, the face seen in {self.seen}."]
        if self.lost:
            spans = ", ".join(f"{start:.2f}–{end:.2f} s" for start, end in self.lost[:20])
            more = f" and {len(self.lost) - 20} more" if len(self.lost) > 20 else ""
            lines.append(f"No face in {self.frames - self.seen} frames: {spans}{more}.")
        return "\n".join([*lines, *(f"Note: {warning}." for warning in self.warnings)])


@dataclass(frozen=True, eq=False)
class Captured:
    """The result of a capture.

    performance: as tracked; where the face was lost, confidence 0, the expression held
        and then eased to neutral, the head held.
    appearance: (frames, 192) float32, what each frame shows, from which Mien's solver makes
        weights for any rest; zeros where unseen. None with MediaPipe's weights.
    rest: seconds at which the face is at rest, to which Mien's weights are relative. None
        with MediaPipe's.
    landmarks: (frames, 478, 3) float32, pixels, y down; zeros where unseen.
    matrices: (frames, 4, 4) float32, centimetres, from MediaPipe's canonical face to the
        camera; zeros where unseen.
    size: width and height of the pictures.
    report: what was seen.
    picture: (192, 192, 3) uint8 blue, green, red: the face near rest, or where it is first seen.
    """

    performance: Performance
    landmarks: NDArray[np.float32]
    matrices: NDArray[np.float32]
    appearance: NDArray[np.float32] | None
    rest: float | None
    size: tuple[int, int]
    report: CaptureReport
    picture: NDArray[np.uint8] | None = None


def capture(
    footage: Path | int,
    options: CaptureOptions | None = None,
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Captured:
    """Capture a face from a video, a picture sequence or a camera's number.

    progress: told the part done, 0–1, and words. cancelled: asked before each frame.

    Raises FootageError if the footage cannot be read or shows no face, WeightsError if a
    network is missing or altered, Cancelled if asked to stop.
    """
    options = options or CaptureOptions()
    if isinstance(footage, int) and options.end is None:
        raise FootageError("A camera has no end: say for how many seconds to capture.")
    opened = open_footage(footage, options.rate, options.threads)
    with _opencv_threads(options.threads):
        return _capture(opened, options, progress, cancelled)


def _capture(
    footage: Footage,
    options: CaptureOptions,
    progress: Callable[[float, str], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Captured:
    tracker = Tracker(TrackerOptions(options.face, options.thorough, smooth=options.smooth))
    # Solving waits in a second thread of its own; with one core it happens in turn.
    with _worker(options.threads) as worker, closing(_frames(footage, options)) as frames:
        recording: _Recording | None = None
        for frame in frames:
            if cancelled and cancelled():
                raise Cancelled("The capture was stopped; nothing was kept.")
            if recording is None:
                height, width = frame.picture.shape[:2]
                recording = _Recording((width, height), options, worker)
            recording.add(frame, tracker.track(frame.picture, frame.time))
            if progress:
                part = _part_done(frame.time, footage.duration, options)
                progress(part, f"{recording.frames} frames, the face in {recording.seen}")
        assert recording is not None, "frames() raises where there is none"
        if not recording.seen:
            raise FootageError(_no_face(footage, options, tracker.most_seen))
        source = _source(footage, recording.first_time)
        return recording.finish(source, tuple(footage.warnings))


def _frames(footage: Footage, options: CaptureOptions) -> Frames:
    """Conditioned frames, decoded ahead if there is a core for it."""

    def conditioned() -> Frames:
        for frame in footage.frames(options.start, options.end):
            yield Frame(frame.time, options.conditioning.apply(frame.picture))

    return read_ahead(conditioned()) if options.threads > 1 else conditioned()


class _Recording:
    """What was tracked so far; solves it in batches."""

    def __init__(
        self, size: tuple[int, int], options: CaptureOptions, worker: Executor | None
    ) -> None:
        self._size, self._tongue, self._worker = size, options.tongue, worker
        self._rest = options.rest
        own = options.solver == "mien"
        self._solver = Solver() if own else None
        self._blendshapes = None if own else BlendshapeSolver()
        self._pose = HeadPose()
        self._times: list[float] = []
        self._batch: list[Seen | None] = []
        self._solved: list[Floats | Future[Floats]] = []
        self._landmarks, self._matrices = Spool(COUNT, 3), Spool(4, 4)
        self._appearance = Spool(APPEARANCE)
        self._glimpses = Glimpses()
        self.frames = self.seen = 0

    @property
    def first_time(self) -> float:
        """Where in the footage it begins, in seconds."""
        return self._times[0]

    def add(self, frame: Frame, seen: Seen | None) -> None:
        """The next frame."""
        self._times.append(frame.time)
        if seen is not None:
            self._glimpses.add(frame.time - self._times[0], frame.picture, seen.points)
        self._batch.append(seen)
        self.frames += 1
        self.seen += seen is not None
        if len(self._batch) == _BATCH:
            self._solve_batch()

    def _solve_batch(self) -> None:
        batch, self._batch = self._batch, []
        if self._worker:
            self._solved.append(self._worker.submit(self._solve, batch))
        else:
            self._solved.append(self._solve(batch))

    def _solve(self, batch: list[Seen | None]) -> Floats:
        """(frames, 53): weights, as far as they are known, and confidence. Batches come one at
        a time, in order."""
        columns = np.zeros((len(batch), len(CHANNELS) + 1), np.float32)
        points = np.zeros((len(batch), COUNT, 3), np.float32)
        matrices = np.zeros((len(batch), 4, 4), np.float32)
        found = [index for index, seen in enumerate(batch) if seen is not None]
        faces = [seen for seen in batch if seen is not None]
        if faces:
            points[found] = [face.points for face in faces]
            columns[found, -1] = [face.presence for face in faces]
            matrices[found] = self._pose.matrices(points[found], *self._size)
        if self._blendshapes:
            for index, face in zip(found, faces, strict=True):
                columns[index, :-1] = self._blendshapes.solve(face.points)
        if self._tongue:
            columns[found, _TONGUE] = [tongue_out(face.tongue, face.points) for face in faces]
        if self._solver:
            appearance = np.zeros((len(batch), APPEARANCE), np.float32)
            if faces:
                appearance[found] = self._solver.appearance([face.look for face in faces])
            self._appearance.append(appearance)
        self._landmarks.append(points)
        self._matrices.append(matrices)
        return columns

    def finish(self, source: Source, warnings: tuple[str, ...]) -> Captured:
        """Everything, once the last frame was added."""
        if self._batch:
            self._solve_batch()
        columns = np.concatenate(
            [part.result() if isinstance(part, Future) else part for part in self._solved]
        )
        times = np.array(self._times)
        times -= times[0]
        seen = columns[:, -1] > 0
        weights = eased_weights(np.clip(columns[:, :-1], 0, 1), seen, times)
        matrices = np.array(self._matrices.array())
        performance = Performance(
            weights=weights,
            times=times,
            head=heads_from_matrices(held(matrices, seen)),
            eyes=eyes_from_weights(weights),
            confidence=columns[:, -1],
            source=source,
        )
        appearance, rest = None, None
        if self._solver:
            appearance, rest = self._appearance.array(), self._rest
            if rest is None:
                landmarks = self._landmarks.array()
                rest = found_rest(performance, appearance, landmarks, self._solver)
            performance = solved(performance, appearance, self._solver, rest)
        report = CaptureReport(self.frames, self.seen, lost_spans(seen, times), warnings)
        landmarks = self._landmarks.array()
        picture = self._glimpses.nearest(rest or 0.0)
        return Captured(
            performance, landmarks, matrices, appearance, rest, self._size, report, picture
        )


def _source(footage: Footage, first: float) -> Source:
    """Where a capture comes from that begins at a second of the footage."""
    code = footage.timecode
    if code is None:
        return Source(footage.name)
    source = Source(footage.name, code.text, code.base, code.rate)
    if first < 0.5 / code.rate:
        return source
    moved = seconds(code.text, code.base) + first * source.timecode_pace
    return replace(source, timecode=timecode(moved, code.base))


def _part_done(time: float, duration: float | None, options: CaptureOptions) -> float:
    """How much of the footage lies before a time, 0–1. Skipped frames count as done."""
    ends = [end for end in (duration, options.end) if end]
    return min(1.0, max(0.0, time / min(ends))) if ends else 0.0


def _no_face(footage: Footage, options: CaptureOptions, most_seen: int) -> str:
    if options.face and most_seen:
        number = "one face" if most_seen == 1 else f"{most_seen} faces"
        return (
            f"{footage.name} never shows more than {number} at once, so there is no face "
            f"{options.face}; they are counted from 0, the largest first."
        )
    return (
        f"No face was found in {footage.name}. Choose footage in which the face is seen from "
        f"the front and larger than about 60 pixels, or even out its contrast if it is dark."
    )


@contextmanager
def _worker(threads: int) -> Iterator[Executor | None]:
    """A thread to solve in, if more than one may be used; what waits is dropped at the end."""
    if threads == 1:
        yield None
        return
    worker = ThreadPoolExecutor(1, "mien-solving")
    try:
        yield worker
    finally:
        worker.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _opencv_threads(threads: int) -> Iterator[None]:
    """Keep OpenCV to so many cores; afterwards it may use as many as before."""
    cv2: Any = library("cv2")
    before = cv2.getNumThreads()
    cv2.setNumThreads(threads)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
