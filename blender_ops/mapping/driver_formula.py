# SPDX-License-Identifier: GPL-3.0-or-later
"""What a driver's expression gives for a value of its variable, and which value gives a result.

The expression is read as arithmetic and nothing else: it comes out of a file and is never run.
The functions are those of https://docs.blender.org/manual/en/latest/animation/drivers/drivers_panel.html
"""

from __future__ import annotations

import ast
import itertools
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any


class FormulaError(Exception):
    """An expression is more than arithmetic with one variable."""


def _clamp(value: float, low: float = 0.0, high: float = 1.0) -> float:
    return max(low, min(high, value))


def _lerp(start: float, end: float, share: float) -> float:
    return start + (end - start) * share


_OPERATORS: Mapping[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_FUNCTIONS: Mapping[str, Callable[..., float]] = {
    **{name: getattr(math, name) for name in ("sqrt", "sin", "cos", "tan", "floor", "ceil")},
    **{name: getattr(math, name) for name in ("radians", "degrees", "exp", "log", "fabs", "pow")},
    "abs": abs,
    "min": min,
    "max": max,
    "float": float,
    "int": int,
    "clamp": _clamp,
    "lerp": _lerp,
}
_CONSTANTS = {"pi": math.pi, "e": math.e, "True": 1.0, "False": 0.0}


def formula(expression: str) -> Callable[[Mapping[str, float]], float]:
    """An expression as a function of its variables' values.

    Raises FormulaError, here or when it is called, for what is no arithmetic.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError:
        raise FormulaError("cannot be read") from None
    return lambda values: _number(tree, values)


def variables_in(expression: str) -> set[str]:
    """The names that an expression reads. Raises FormulaError if it cannot be read."""
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except SyntaxError:
        raise FormulaError("cannot be read") from None
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names - set(_FUNCTIONS) - set(_CONSTANTS)


def straight_line(
    function: Callable[[float], float], start: float, end: float, near: float
) -> tuple[float, float] | None:
    """The values that give `start` and `end` on a straight piece of a function, or None.

    Pieces are looked for from `near` outwards. The piece must lead straight from one to
    the other, so that a value halfway gives what lies halfway.
    """
    span = end - start
    if span == 0:
        return None
    reach = [0.0, *(10 ** (power / 4) for power in range(-16, 17))]
    for a, b in itertools.pairwise(reach):
        for sign in (1, -1):
            low, high = near + sign * a, near + sign * b
            try:
                slope = (function(high) - function(low)) / (high - low)
                if abs(slope) < 1e-9:
                    continue
                first = low + (start - function(low)) / slope
                last = low + (end - function(low)) / slope
                # Once more over the whole piece: Blender's curves are of single precision.
                slope = (function(last) - function(first)) / (last - first)
                if slope:
                    first += (start - function(first)) / slope
                    last += (end - function(last)) / slope
                if all(
                    abs(function(first + share * (last - first)) - (start + share * span))
                    <= 1e-4 * abs(span)
                    for share in (0.0, 0.25, 0.5, 0.75, 1.0)
                ):
                    return first, last
            except (ArithmeticError, ValueError):
                continue
    return None


def _number(node: ast.AST, values: Mapping[str, float]) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.Name):
        if node.id in values:
            return values[node.id]
        if node.id in _CONSTANTS:
            return _CONSTANTS[node.id]
        raise FormulaError(f"reads “{node.id}”")
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _number(node.left, values), _number(node.right, values)
        return float(_OPERATORS[type(node.op)](left, right))
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return float(_OPERATORS[type(node.op)](_number(node.operand, values)))
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _OPERATORS:
        sides = _number(node.left, values), _number(node.comparators[0], values)
        return float(_OPERATORS[type(node.ops[0])](*sides))
    if isinstance(node, ast.IfExp):
        chosen = node.body if _number(node.test, values) else node.orelse
        return _number(chosen, values)
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _FUNCTIONS
        and not node.keywords
    ):
        return float(_FUNCTIONS[node.func.id](*(_number(each, values) for each in node.args)))
    raise FormulaError("is more than arithmetic")
