# SPDX-License-Identifier: GPL-3.0-or-later
"""On which line of a TOML text a key stands: `tomllib` reads values and forgets their places.

The text must be valid TOML (https://toml.io/en/v1.0.0): read it by `tomllib` first.
"""

from __future__ import annotations

from collections.abc import Iterator

Path = tuple[str | int, ...]

_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def key_lines(text: str) -> dict[Path, int]:
    """The line, counted from 1, of each table and key by its path, such as ("shot", 0, "name").

    Keys within values (inline tables, arrays) have no line of their own: `line_of` gives that
    of what holds them.
    """
    return dict(_Scanner(text.replace("\r\n", "\n")).places())


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of a path, or of the nearest thing around it that has one; else 1."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line, self._counted = 1, 0
        self._table: Path = ()
        self._counts: dict[Path, int] = {}

    def places(self) -> Iterator[tuple[Path, int]]:
        while self._skip_to_statement():
            self._line += self._text.count("\n", self._counted, self._at)
            self._counted = self._at
            line = self._line
            if self._text.startswith("[[", self._at):
                self._at += 2
                self._table = self._element(self._resolved(self._key(), ()))
                self._at += 2
                yield self._table, line
            elif self._text[self._at] == "[":
                self._at += 1
                self._table = self._resolved(self._key(), ())
                self._at += 1
                yield self._table, line
            else:
                path = (*self._table, *self._key())
                self._at += 1  # the equals sign
                self._skip_value()
                yield path, line

    def _element(self, array: Path) -> Path:
        """A further element of an array of tables."""
        number = self._counts.get(array, 0)
        self._counts[array] = number + 1
        return (*array, number)

    def _resolved(self, key: Path, path: Path) -> Path:
        """The path of a header's key: a name of an array means its last element, except at the
        key's end."""
        for part in key:
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
            path = (*path, part)
        return path

    def _skip_to_statement(self) -> bool:
        while self._at < len(self._text):
            if self._text[self._at] == "#":
                self._skip_comment()
            elif self._text[self._at].isspace():
                self._at += 1
            else:
                return True
        return False

    def _skip_comment(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def _skip_spaces(self) -> None:
        while self._text[self._at] in " \t":
            self._at += 1

    def _key(self) -> Path:
        """A key with its dots; afterwards stands what ends it: "=" or "]"."""
        parts: list[str | int] = []
        while True:
            self._skip_spaces()
            start = self._at
            if self._text[start] in "\"'":
                self._skip_string()
                parts.append(_unquoted(self._text[start : self._at]))
            else:
                while self._text[self._at] in _BARE:
                    self._at += 1
                parts.append(self._text[start : self._at])
            self._skip_spaces()
            if self._text[self._at] != ".":
                return tuple(parts)
            self._at += 1

    def _skip_value(self) -> None:
        depth = 0
        while self._at < len(self._text):
            letter = self._text[self._at]
            if letter in "\"'":
                self._skip_string()
                continue
            if letter == "#":
                self._skip_comment()
                continue
            if letter == "\n" and depth == 0:
                return
            depth += (letter in "[{") - (letter in "]}")
            self._at += 1

    def _skip_string(self) -> None:
        quote = self._text[self._at]
        if self._text.startswith(quote * 3, self._at):
            end = self._end_of_string(self._at + 3, quote * 3, quote)
            # Up to two more quotes right before the closing three belong to the text.
            while self._text.startswith(quote, end):
                end += 1
            self._at = end
        else:
            self._at = self._end_of_string(self._at + 1, quote, quote)

    def _end_of_string(self, at: int, closing: str, quote: str) -> int:
        while not self._text.startswith(closing, at):
            at += 2 if quote == '"' and self._text[at] == "\\" else 1
        return at + len(closing)


def _unquoted(text: str) -> str:
    import tomllib

    return str(next(iter(tomllib.loads(f"{text} = 0"))))
