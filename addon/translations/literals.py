# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts in Python code that Blender is going to show: as literals, as they must be, or not.

A text is shown where it is handed to the layout (`text="…"`), to a report, to the functions
that draw words, or to those of `bpy.app.translations`. There it must be a literal: what is put
together first, such as an f-string, no table of translations can know.

Not part of the package.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

# Arguments by name of a call of a method, whatever it is called.
_KEYWORDS = {"text", "heading", "placeholder", "title", "message", "confirm_text", "cancel_text"}

# Arguments by place: functions and methods that show a text, or mark it for translation.
_ARGUMENTS = {
    "iface_": (0,),
    "tip_": (0,),
    "rpt_": (0,),
    "n_": (0,),
    "poll_message_set": (0,),
    "status_text_set": (0,),
    "report": (1,),
    "draw_words": (2,),
    "draw_figure": (1, 2),
}

# Methods that return a text to be shown.
_RETURNING = {"disabled_reason"}

# Methods of the layout whose text is an operator's.
_BUTTONS = {"operator", "operator_enum", "operator_menu_enum", "operator_menu_hold"}

# These take a text apart or put others into it: what they are called on is the literal.
_PASSING_ON = {"format", "strip", "capitalize"}


@dataclass(frozen=True)
class Literal:
    """What one place in the code shows.

    texts: its literals, one unless the code chooses. on_button: whether an operator's button
    shows it. put_together: whether words are put together there before Blender sees them.
    """

    line: int
    texts: tuple[str, ...]
    on_button: bool = False
    put_together: bool = False


def literals_in(code: str) -> Iterator[Literal]:
    """Everything that a module shows."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            for shown, on_button in _shown_by(node):
                yield _literal(shown, on_button)
        elif isinstance(node, ast.FunctionDef) and node.name in _RETURNING:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield _literal(inner.value)


def progress_in(code: str) -> Iterator[str]:
    """What a module says of its progress: `progress(0.5, "finding landmarks")`."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and _name(node.func) == "progress" and len(node.args) == 2:
            yield from _literal(node.args[1]).texts


def _shown_by(call: ast.Call) -> Iterator[tuple[ast.expr, bool]]:
    name = _name(call.func)
    if any(word.arg == "translate" for word in call.keywords):
        return
    if isinstance(call.func, ast.Attribute):
        for word in call.keywords:
            if word.arg in _KEYWORDS:
                yield word.value, name in _BUTTONS and word.arg == "text"
    for place in _ARGUMENTS.get(name, ()):
        if place < len(call.args):
            yield call.args[place], False


def _literal(node: ast.expr, on_button: bool = False) -> Literal:
    return Literal(node.lineno, tuple(_texts(node)), on_button, _is_put_together(node))


def _texts(node: ast.expr) -> Iterator[str]:
    """The literals that may come out of an expression."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for each in node.values:
            yield from _texts(each)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        # `iface_("…")` inside is met as a call of its own.
        if node.func.attr in _PASSING_ON:
            yield from _texts(node.func.value)


def _is_put_together(node: ast.expr) -> bool:
    """Whether an expression joins words, so that no table can know the result."""
    if isinstance(node, ast.JoinedStr):
        fixed = (each.value for each in node.values if isinstance(each, ast.Constant))
        return any(letter.isalpha() for text in fixed for letter in str(text))
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod) and _has_words(node)
    if isinstance(node, ast.IfExp):
        return _is_put_together(node.body) or _is_put_together(node.orelse)
    if isinstance(node, ast.BoolOp):
        return any(_is_put_together(each) for each in node.values)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        # `"{} of {}".format(…)` without iface_ around the literal.
        inner = node.func.value
        return node.func.attr == "format" and isinstance(inner, ast.Constant)
    return False


def _has_words(node: ast.expr) -> bool:
    """Whether there are letters in any literal of an expression."""
    return any(
        isinstance(each, ast.Constant) and any(letter.isalpha() for letter in str(each.value))
        for each in ast.walk(node)
    )


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
