# SPDX-License-Identifier: GPL-3.0-or-later
"""An animator at the desk, for scenarios: sees the screen, has a mouse and a keyboard.

Runs inside Blender. What it clicks it finds as a person does, by reading the screen: the
words are drawn with Blender's own font and looked for in a picture of the screen, so words
that are cut off are not found.

A scenario is a generator; each `yield` gives Blender time to answer, in seconds.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import blf
import bpy
import gpu
import numpy as np
from mathutils import Matrix

PAUSE = 0.12
LIKENESS = 0.85
# No letters stand so near before or after words that are whole, in pixels.
BLANK = 7
# Only the small triangle of a panel stands nearer to its title.
BLANK_OF_TITLES = 5
TITLES = 50
FAILED = 3

Steps = Iterator[float]
Looking = Generator[float, None, "Place"]


class NotSeen(AssertionError):
    """What was looked for is not on the screen."""


@dataclass(frozen=True)
class Place:
    """A rectangle on the screen, in pixels from its lower left."""

    left: int
    bottom: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[int, int]:
        """Where one would click."""
        return self.left + self.width // 2, self.bottom + self.height // 2

    @property
    def top(self) -> int:
        """The upper edge."""
        return self.bottom + self.height

    @property
    def right(self) -> int:
        """The right edge."""
        return self.left + self.width

    def beside(self, x: int = 0, y: int = 0) -> Place:
        """The same, moved."""
        return Place(self.left + x, self.bottom + y, self.width, self.height)


class Animator:
    """shots: the folder for screenshots."""

    def __init__(self, shots: Path) -> None:
        self.shots = shots
        self.mouse = (640, 400)

    # --- What is there --------------------------------------------------------------------

    @property
    def window(self) -> bpy.types.Window:
        """The window on top: the last that was opened."""
        return bpy.context.window_manager.windows[-1]

    @property
    def view(self) -> bpy.types.Area:
        """The 3D view."""
        areas = bpy.context.window_manager.windows[0].screen.areas
        return next(area for area in areas if area.type == "VIEW_3D")

    def region(self, kind: str = "WINDOW", area: bpy.types.Area | None = None) -> Place:
        """A region of an area, the 3D view if none is named."""
        found = next(each for each in (area or self.view).regions if each.type == kind)
        return Place(found.x, found.y, found.width, found.height)

    @property
    def sidebar(self) -> Place:
        """The 3D view's sidebar, without the tabs at its right."""
        place = self.region("UI")
        return Place(place.left, place.bottom, place.width - 22, place.height)

    @property
    def whole(self) -> Place:
        """The window on top."""
        window = self.window
        return Place(window.x, window.y, window.width, window.height)

    @property
    def menu_bar(self) -> Place:
        """The line of menus at the top."""
        window = bpy.context.window_manager.windows[0]
        return Place(0, window.height - 30, window.width, 30)

    # --- Seeing ---------------------------------------------------------------------------

    def screen(self) -> np.ndarray:
        """The screen's brightness, (rows, columns), 0–1, the lowest row first."""
        command = ["import", "-window", "root", "-depth", "8", "gray:-"]
        data = subprocess.run(command, capture_output=True, check=True).stdout
        width = bpy.context.window_manager.windows[0].width
        picture = np.frombuffer(data, np.uint8).reshape(-1, width)
        return picture[::-1].astype(np.float32) / 255

    def shot(self, name: str, inside: Place | None = None) -> Path:
        """Keep a picture of the screen, or of a part of it."""
        path = self.shots / f"{name}.png"
        command = ["import", "-window", "root"]
        if inside is not None:
            height = bpy.context.window_manager.windows[0].height
            top = height - inside.top
            command += ["-crop", f"{inside.width}x{inside.height}+{inside.left}+{top}", "+repage"]
        subprocess.run([*command, str(path)], check=True)
        return path

    def seen(
        self, words: str, inside: Place | None = None, *, title: bool = False, turned: bool = False
    ) -> list[Place]:
        """Where on the screen the words stand, the topmost first.

        title: as the title of a panel in the sidebar. turned: as a tab, from below upward.
        """
        picture = self.screen()
        part = inside or Place(0, 0, picture.shape[1], picture.shape[0])
        if title:
            part = Place(part.left, part.bottom, min(part.width, 220), part.height)
        left, bottom = max(part.left, 0), max(part.bottom, 0)
        looked_at = picture[bottom : part.top, left : part.right]
        blank = 0 if turned else BLANK_OF_TITLES if title else BLANK
        places: list[Place] = []
        for points in sizes_of_letters():
            letters = drawn_words(words, points)
            letters = np.rot90(letters) if turned else letters
            for row, column in matches(looked_at, letters, blank):
                place = Place(left + column, bottom + row, letters.shape[1], letters.shape[0])
                if not (title and column > TITLES):
                    places.append(place)
        return sorted(places, key=lambda place: -place.bottom)

    def find(self, words: str, inside: Place | None = None, **more: bool) -> Place:
        """Where the words stand, the topmost of several."""
        places = self.seen(words, inside, **more)
        if not places:
            raise NotSeen(f"“{words}” is not to be read {inside or 'on the screen'}")
        return places[0]

    def reads(self, words: str, inside: Place | None = None) -> Steps:
        """Wait until the words are on the screen."""
        yield from self.until(lambda: self.seen(words, inside), f"“{words}” is read", 10)

    def settled(self, seconds: float = 6) -> Steps:
        """Wait until the screen stands still: Blender moves panels to where they go."""
        end, before = time.monotonic() + seconds, self.screen()
        while time.monotonic() < end:
            yield 0.25
            now = self.screen()
            if np.array_equal(before, now):
                return
            before = now

    def small_buttons(self, inside: Place) -> list[Place]:
        """Buttons that show an icon only, row by row from the top: by their plain upper edge."""
        color = bpy.context.preferences.themes[0].user_interface.wcol_tool.inner
        bright = self.screen()[inside.bottom : inside.top, inside.left : inside.right]
        plain = np.abs(bright - np.mean(color[:3])) < 0.012
        found: list[Place] = []
        for row in range(len(plain) - 1, 1, -1):
            for start, end in runs(plain[row] & plain[row - 1]):
                place = Place(inside.left + start, inside.bottom + row - 19, end - start, 20)
                known = any(
                    abs(each.left - place.left) < 12 and 0 <= each.bottom - place.bottom < 20
                    for each in found
                )
                if 14 <= place.width <= 40 and not known:
                    found.append(place)
        return found

    # --- Mouse and keys -------------------------------------------------------------------

    def event(self, kind: str, value: str, **more: bool) -> None:
        """Send one event to the window on top."""
        x, y = self.mouse
        window = self.window
        window.event_simulate(type=kind, value=value, x=x - window.x, y=y - window.y, **more)

    def move(self, x: int, y: int) -> Steps:
        """Move the mouse, over a spot between as a hand does."""
        for place in ((x - 2, y - 1), (x, y)):
            self.mouse = place
            self.event("MOUSEMOVE", "NOTHING")
            yield 0.03
        yield PAUSE

    def click_at(self, x: int, y: int, button: str = "LEFTMOUSE") -> Steps:
        """Move there and click."""
        yield from self.move(x, y)
        self.event(button, "PRESS")
        yield 0.05
        self.event(button, "RELEASE")
        yield PAUSE

    def click(self, words: str, inside: Place | None = None, *, nth: int = 0) -> Steps:
        """Click what says these words, in the sidebar unless another place is named."""
        if inside is None:
            place = yield from self.scroll_to(words, nth=nth)
        else:
            yield from self.reads(words, inside)
            place = self.find(words, inside)
        yield from self.click_at(*place.middle)

    def open_panel(self, title: str) -> Steps:
        """Click a panel's title, which opens it, or closes it if it is open."""
        place = yield from self.scroll_to(title, title=True)
        yield from self.click_at(*place.middle)
        yield from self.settled()

    def scroll_to(self, words: str, *, title: bool = False, nth: int = 0) -> Looking:
        """Scroll the sidebar until the words are seen; their place."""
        for turns in (0, 0, 0, -60, *[4] * 15):
            yield from self.scroll(turns)
            places = self.seen(words, self.sidebar, title=title)
            if len(places) > nth:
                return places[nth]
        raise NotSeen(f"“{words}” is not to be read in the sidebar")

    def scroll(self, turns: int) -> Steps:
        """Turn the wheel over the sidebar: downward, or upward if negative."""
        if not turns:
            yield 0.2
            return
        place = self.sidebar
        yield from self.move(place.left + 8, place.middle[1])
        for _ in range(abs(turns)):
            self.event("WHEELDOWNMOUSE" if turns > 0 else "WHEELUPMOUSE", "PRESS")
        yield from self.settled()

    def drag(self, start: tuple[int, int], end: tuple[int, int], moves: int = 10) -> Steps:
        """Press, move, release."""
        yield from self.move(*start)
        self.event("LEFTMOUSE", "PRESS")
        yield 0.05
        for step in range(1, moves + 1):
            share = step / moves
            self.mouse = tuple(round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
            self.event("MOUSEMOVE", "NOTHING")
            yield 0.03
        self.event("LEFTMOUSE", "RELEASE")
        yield PAUSE

    def key(self, kind: str, **held: bool) -> Steps:
        """Press and release a key, with ctrl, shift or alt held."""
        self.event(kind, "PRESS", **held)
        yield 0.05
        self.event(kind, "RELEASE", **held)
        yield PAUSE

    def type(self, text: str) -> Steps:
        """Type letters, digits and a few signs."""
        for letter in text:
            kind = KEYS.get(letter, letter.upper())
            self.window.event_simulate(type=kind, value="PRESS", unicode=letter, x=0, y=0)
            yield 0.02
            self.window.event_simulate(type=kind, value="RELEASE", x=0, y=0)
            yield 0.02
        yield PAUSE

    def over_view(self) -> Steps:
        """Rest the mouse over the 3D view, where its keys are heard."""
        place = self.region()
        yield from self.move(place.left + place.width // 3, place.bottom + place.height // 3)

    def undo(self) -> Steps:
        """Ctrl-Z over the 3D view."""
        yield from self.over_view()
        yield from self.key("Z", ctrl=True)
        yield 0.3

    def redo(self) -> Steps:
        """Shift-Ctrl-Z over the 3D view."""
        yield from self.over_view()
        yield from self.key("Z", ctrl=True, shift=True)
        yield 0.3

    def look_it_in_the_face(self) -> Steps:
        """Numpad 1 and numpad period: what is selected, from the front."""
        yield from self.over_view()
        yield from self.key("NUMPAD_1")
        yield 0.4
        yield from self.key("NUMPAD_PERIOD")
        yield 0.4

    def open_mien(self) -> Steps:
        """N, and the tab Mien."""
        yield from self.over_view()
        if self.region("UI").width < 50:
            yield from self.key("N")
            yield 0.4
        region = next(each for each in self.view.regions if each.type == "UI")
        if region.width >= 50 and region.active_panel_category == "Mien":
            # From Blender 5.2 on, a click on the tab that is open closes the sidebar.
            yield from self.settled()
            return
        place = self.region("UI")
        tabs = Place(place.right - 24, place.bottom, 24, place.height)
        yield from self.click_at(*self.find("Mien", tabs, turned=True).middle)
        yield from self.settled()

    # --- Waiting --------------------------------------------------------------------------

    def until(self, condition: Callable[[], object], what: str, seconds: float = 30) -> Steps:
        """Wait for it; an AssertionError if it takes too long."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"Waited {seconds:g} s in vain until {what}"
            yield 0.02


KEYS = {
    " ": "SPACE",
    ".": "PERIOD",
    ",": "COMMA",
    "-": "MINUS",
    "/": "SLASH",
    "_": "MINUS",
    **dict(
        zip(
            "0123456789",
            ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"),
            strict=True,
        )
    ),
}


def sizes_of_letters() -> list[float]:
    """In points: of buttons and labels, and of panels' titles."""
    style, scale = bpy.context.preferences.ui_styles[0], bpy.context.preferences.system.ui_scale
    return sorted({style.widget.points * scale, style.panel_title.points * scale})


@functools.cache
def drawn_words(words: str, points: float) -> np.ndarray:
    """How Blender draws them: (rows, columns), 1 on the letters, the lowest row first."""
    font = 0
    blf.size(font, points)
    width, height = (int(side) + 4 for side in blf.dimensions(font, words))
    height += 6
    picture = gpu.types.GPUOffScreen(width, height)
    try:
        with picture.bind():
            frame = gpu.state.active_framebuffer_get()
            frame.clear(color=(0, 0, 0, 1))
            with gpu.matrix.push_pop(), gpu.matrix.push_pop_projection():
                gpu.matrix.load_matrix(Matrix.Identity(4))
                gpu.matrix.load_projection_matrix(
                    Matrix.Translation((-1, -1, 0))
                    @ Matrix.Diagonal((2 / width, 2 / height, -1, 1))
                )
                blf.color(font, 1, 1, 1, 1)
                blf.position(font, 1, 5, 0)
                blf.draw(font, words)
            data = frame.read_color(0, 0, width, height, 4, 0, "FLOAT")
            data.dimensions = width * height * 4
            letters = np.array(data, np.float32).reshape(height, width, 4)[..., 0]
    finally:
        picture.free()
    rows, columns = np.nonzero(letters > 0.2)
    assert len(rows), f"Blender drew nothing for “{words}”"
    return letters[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def matches(picture: np.ndarray, letters: np.ndarray, blank: int) -> list[tuple[int, int]]:
    """Where (row, column) the letters stand in the picture, bright on dark or dark on bright.

    By normalised cross-correlation. blank: how many columns before and after them are empty.
    """
    rows, columns = letters.shape
    if picture.shape[0] < rows or picture.shape[1] < columns:
        return []
    template = letters - letters.mean()
    template /= np.linalg.norm(template)
    shape = (picture.shape[0] - rows + 1, picture.shape[1] - columns + 1)
    size = [1 << (side - 1).bit_length() for side in picture.shape]
    spectrum = np.fft.rfft2(picture, size) * np.conj(np.fft.rfft2(template, size))
    products = np.fft.irfft2(spectrum, size)[: shape[0], : shape[1]]
    likeness = np.abs(products) / np.sqrt(np.maximum(spreads(picture, rows, columns), 1e-3))
    found = []
    for index in np.argsort(likeness, axis=None)[::-1][:40]:
        row, column = (int(place) for place in np.unravel_index(index, shape))
        if likeness[row, column] < LIKENESS:
            break
        near = any(abs(row - r) < rows and abs(column - c) < columns for r, c in found)
        if not near and stands_alone(picture, row, column, letters, blank):
            found.append((row, column))
    return found


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """Where (start, end) a line of booleans is true."""
    steps = np.diff(np.concatenate([[0], mask.astype(np.int8), [0]]))
    starts, ends = np.nonzero(steps > 0)[0], np.nonzero(steps < 0)[0]
    return [(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]


def spreads(picture: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """The sum of squared differences from their mean, for each window of that size."""
    number = rows * columns

    def sums(values: np.ndarray) -> np.ndarray:
        table = np.pad(values.astype(np.float64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
        return (
            table[rows:, columns:]
            - table[:-rows, columns:]
            - table[rows:, :-columns]
            + table[:-rows, :-columns]
        )

    return sums(picture**2) - sums(picture) ** 2 / number


def stands_alone(
    picture: np.ndarray, row: int, column: int, letters: np.ndarray, blank: int
) -> bool:
    """Whether nothing stands right before and after a match."""
    rows, columns = letters.shape
    contrast = np.ptp(picture[row : row + rows, column : column + columns])
    for start in (column - blank, column + columns):
        side = picture[row : row + rows, max(start, 0) : max(start + blank, 0)]
        # A button's edge is the same from top to bottom; a letter is not.
        if side.size and np.ptp(side, axis=0).max() > 0.4 * contrast:
            return False
    return True


def play(scenario: Callable[[Animator], Steps], shots: Path) -> None:
    """Run a scenario from a timer, then end Blender: with FAILED if it failed."""
    animator = Animator(shots)
    steps = scenario(animator)
    started = time.monotonic()

    def tick() -> float | None:
        try:
            return next(steps)
        except StopIteration:
            print(f"Done in {time.monotonic() - started:.1f} s", flush=True)
            code = 0
        except BaseException:
            traceback.print_exc()
            animator.shot("failed")
            code = FAILED
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    bpy.app.timers.register(tick, first_interval=1.0, persistent=True)
