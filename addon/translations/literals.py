# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts in Python code that Blender is going to show: as literals, as they must be, or not.

A text is shown where it is handed to the layout (`text="…"`), to a report, to the functions
that draw words, or to those of `bpy.app.translations`. There it must be a literal: what is put
together first, such as an f-string, no table of translations can know.

Not part of the package.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

OPERATOR = "Operator"
MIEN = "Mien"

# Arguments by name of a call of a method, whatever it is called.
_KEYWORDS = {"text", "heading", "placeholder", "title", "message", "confirm_text", "cancel_text"}

# Arguments by place, with their contexts: what shows a text, or marks it for translation.
_ARGUMENTS = {
    "iface_": ((0, ""),),
    "tip_": ((0, ""),),
    "rpt_": ((0, ""),),
    "n_": ((0, ""),),
    "poll_message_set": ((0, ""),),
    "status_text_set": ((0, ""),),
    "report": ((1, ""),),
    "draw_words": ((2, ""),),
    "draw_figure": ((1, MIEN), (2, "")),
}

# Methods that return a text to be shown.
_RETURNING = {"disabled_reason", "finish"}

# Methods of the layout whose text is an operator's.
_BUTTONS = {"operator", "operator_enum", "operator_menu_enum", "operator_menu_hold"}

# How code calls the contexts that it names.
_CONTEXTS = {"CONTEXT": MIEN, "operator_default": OPERATOR}

# What a job says while it runs: `self.text = "…"`, and what its class is set to.
_OF_JOBS = {"text", "beginning", "doing"}

_WORD = re.compile(r"[^\W\d_]{2}")


@dataclass(frozen=True)
class Literal:
    """What one place in the code shows.

    texts: its literals, one unless the code chooses; "" is among them where it may show none.
    context: Blender's, "" for the default one. put_together: whether words are put together
    there before Blender sees them.
    """

    line: int
    texts: tuple[str, ...]
    context: str = ""
    put_together: bool = False


def has_words(text: str) -> bool:
    """Whether there is anything to translate: two letters in a row, outside of {…}."""
    return bool(_WORD.search(re.sub(r"\{.*?\}", "", text)))


def literals_in(code: str) -> Iterator[Literal]:
    """Everything that a module shows."""
    tree = ast.parse(code)
    for node, context in _shown_in(tree):
        texts = tuple(_texts(node, tree))
        yield Literal(node.lineno, texts, context, _is_put_together(node, tree))


def progress_in(code: str) -> Iterator[str]:
    """What a module says of its progress: `progress(0.5, "finding landmarks")`."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and _name(node.func) == "progress" and len(node.args) == 2:
            yield from _texts(node.args[1], node)


def texts_of_jobs_in(code: str) -> Iterator[str]:
    """What the jobs of a module say that they are doing."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) == "__init__":
            for argument in node.args:
                yield from _texts(argument, tree)
        elif isinstance(node, ast.Assign):
            for target, value in _pairs(node.targets[0], node.value):
                # A variable `text` may be anything.
                is_variable = isinstance(target, ast.Name) and target.id == "text"
                if _name(target) in _OF_JOBS and not is_variable:
                    yield from _texts(value, tree)


def _shown_in(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _shown_by(node)
        elif isinstance(node, ast.FunctionDef) and node.name in _RETURNING:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield inner.value, ""


def _shown_by(call: ast.Call) -> Iterator[tuple[ast.expr, str]]:
    name = _name(call.func)
    said = {word.arg: word.value for word in call.keywords}
    if "translate" in said:
        return
    if isinstance(call.func, ast.Attribute):
        for word in _KEYWORDS & said.keys():
            on_button = name in _BUTTONS and word == "text"
            named = said.get("text_ctxt")
            context = _CONTEXTS[_name(named)] if named else OPERATOR if on_button else ""
            yield said[word], context
    for place, context in _ARGUMENTS.get(name, ()):
        if place < len(call.args):
            named = call.args[1] if name.endswith("_") and len(call.args) > 1 else None
            yield call.args[place], _CONTEXTS.get(_name(named), "") if named else context


def _texts(node: ast.expr, tree: ast.AST) -> Iterator[str]:
    """The literals that may come out of an expression."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, tree)
        yield from _texts(node.orelse, tree)
    elif isinstance(node, ast.BoolOp):
        for each in node.values:
            yield from _texts(each, tree)
    elif isinstance(node, ast.Name):
        for value in _values_of(node.id, tree):
            yield from _texts(value, tree)


def _is_put_together(node: ast.expr, tree: ast.AST) -> bool:
    """Whether an expression joins words, so that no table can know the result."""
    if isinstance(node, ast.JoinedStr):
        return any(has_words(str(e.value)) for e in node.values if isinstance(e, ast.Constant))
    if isinstance(node, ast.BinOp):
        return any(
            isinstance(each, ast.Constant) and has_words(str(each.value)) for each in ast.walk(node)
        )
    if isinstance(node, ast.IfExp):
        return _is_put_together(node.body, tree) or _is_put_together(node.orelse, tree)
    if isinstance(node, ast.BoolOp):
        return any(_is_put_together(each, tree) for each in node.values)
    if isinstance(node, ast.Name):
        return any(_is_put_together(value, tree) for value in _values_of(node.id, tree))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        # `"{} of {}".format(…)` without iface_ around the literal.
        return node.func.attr == "format" and isinstance(node.func.value, ast.Constant)
    return False


def _values_of(name: str, tree: ast.AST) -> Iterator[ast.expr]:
    """What a module gives to a name, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            pairs = [pair for each in node.targets for pair in _pairs(each, node.value)]
        elif isinstance(node, ast.AugAssign | ast.AnnAssign) and node.value is not None:
            pairs = [(node.target, node.value)]
        elif isinstance(node, ast.For | ast.comprehension):
            if not isinstance(node.iter, ast.Tuple | ast.List):
                continue
            pairs = [pair for each in node.iter.elts for pair in _pairs(node.target, each)]
        else:
            continue
        for target, value in pairs:
            if isinstance(target, ast.Name) and target.id == name:
                yield from () if _refers_to(name, value) else (value,)


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """Names with what they get, also where several get theirs at once."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=False))
    return [(target, value)]


def _refers_to(name: str, value: ast.expr) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(value))


def _name(node: ast.expr | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
