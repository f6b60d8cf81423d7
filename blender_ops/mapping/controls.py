# SPDX-License-Identifier: GPL-3.0-or-later
"""From a property that a driver moves back to the control that moves the driver."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import bpy

from ..animation import animation_data_of
from .driver_formula import FormulaError, formula, straight_line, variables_in
from .target import Target, custom_property_settings, property_label

# A property that is driven by one that is driven, and so on; longer chains are circles.
_LONGEST_CHAIN = 8

_TRANSFORMS = {"LOC": "location", "ROT": "rotation_euler", "SCALE": "scale"}
_ITEM = re.compile(r"^(?P<path>.+)\[(?P<index>\d+)\]$")


# The F-Curves of a data-block's drivers by data path and index, and a look-up of them.
Drivers: TypeAlias = dict[tuple[str, int], Any]
FindDrivers: TypeAlias = Callable[[bpy.types.ID], Drivers]


class UnreachableError(Exception):
    """A driven property cannot be moved by keying a control; the message says why."""


@dataclass(frozen=True)
class _Property:
    """A number that may be keyed."""

    holder: bpy.types.ID
    data_path: str
    index: int

    @property
    def label(self) -> str:
        return f"{self.holder.name}: {property_label(self.data_path, self.index)}"


def reached(target: Target, drivers: FindDrivers | None = None) -> Target:
    """The target itself, or the control whose keys move it where a driver does.

    The control's `weight` and `rest` are such that the target goes from its own rest as far
    as its weight says. drivers: look-up of a data-block's drivers, to share between calls.

    Raises UnreachableError, which says why, if no control can be keyed instead.
    """
    find = drivers or _drivers
    start, end = target.rest, target.rest + target.weight
    if target.key:
        # A key is a key's whole way at 1, however much of it the channel takes.
        start, end = 0.0, 1.0
    there = _Property(target.datablock, target.path, target.index)
    for _ in range(_LONGEST_CHAIN):
        curve = find(there.holder).get((there.data_path, max(there.index, 0)))
        if curve is None:
            break
        there, start, end = _one_back(there, curve, start, end)
    else:
        raise UnreachableError("its drivers go round in a circle")
    if there.holder == target.datablock and there.data_path == target.path:
        return target
    span = end - start
    return dataclasses.replace(
        target,
        object=there.holder,
        key="",
        data_path=there.data_path,
        index=there.index,
        weight=target.weight * span if target.key else span,
        rest=start,
    )


def shared_look_up() -> FindDrivers:
    """A look-up of drivers for `reached` that reads each data-block once."""
    known: dict[bpy.types.ID, Drivers] = {}

    def find(holder: bpy.types.ID) -> Drivers:
        if holder not in known:
            known[holder] = _drivers(holder)
        return known[holder]

    return find


def _drivers(holder: bpy.types.ID) -> Drivers:
    animation_data = animation_data_of(holder)
    if animation_data is None:
        return {}
    return {
        (curve.data_path, curve.array_index): curve
        for curve in animation_data.drivers
        if not curve.mute
    }


def _one_back(
    there: _Property, curve: Any, start: float, end: float
) -> tuple[_Property, float, float]:
    """The property that a driver reads, and its values for two of the driver's."""
    variable, function = _function(curve)
    control = _read_by(variable)
    values = straight_line(function, start, end, _rest_of(control))
    if values is None:
        raise UnreachableError(f"the driver of {there.label} is no straight line")
    if not curve.driver.is_valid:
        raise UnreachableError(f"the driver of {there.label} is broken")
    return control, *values


def _function(curve: Any) -> tuple[Any, Callable[[float], float]]:
    """The one variable that a driver depends on, and what the driver makes of its value."""
    driver = curve.driver
    variables = list(driver.variables)
    raw: Callable[[float], float]
    if driver.type == "SCRIPTED":
        if driver.use_self:
            raise UnreachableError("its driver is a script of its own")
        try:
            names = variables_in(driver.expression)
            value = formula(driver.expression)
        except FormulaError as error:
            raise UnreachableError(f"the driver “{driver.expression}” {error}") from None
        variables = [variable for variable in variables if variable.name in names]
        raw = functools.partial(_evaluated, value, driver.expression, variables)
    else:
        raw = float
    if not variables:
        raise UnreachableError("its driver reads no control")
    if len(variables) > 1:
        raise UnreachableError("its driver reads several controls")
    shaped = len(curve.keyframe_points) > 0 or any(not each.mute for each in curve.modifiers)
    if not shaped:
        return variables[0], raw
    # An F-Curve with keys or modifiers makes something else of what the driver gives.
    return variables[0], lambda x: float(curve.evaluate(raw(x)))


def _evaluated(value: Any, expression: str, variables: list[Any], x: float) -> float:
    try:
        return float(value({variable.name: x for variable in variables}))
    except FormulaError as error:
        raise UnreachableError(f"the driver “{expression}” {error}") from None


def _read_by(variable: Any) -> _Property:
    """The property that a driver's variable reads. Raises UnreachableError if it reads another."""
    target = variable.targets[0]
    if variable.type == "SINGLE_PROP":
        if target.id is None or not target.data_path:
            raise UnreachableError("its driver reads nothing")
        item = _ITEM.match(target.data_path)
        path, index = (item["path"], int(item["index"])) if item else (target.data_path, -1)
        return _in_its_own_data(target.id, path, index)
    if variable.type == "TRANSFORMS":
        return _channel_read(target)
    raise UnreachableError("its driver reads a distance or an angle between two things")


def _in_its_own_data(holder: bpy.types.ID, path: str, index: int) -> _Property:
    """A property by the data-block that holds it: `data["x"]` of an object is its data's."""
    owner: Any = holder
    while path.startswith("data.") and getattr(owner, "data", None) is not None:
        owner, path = owner.data, path.removeprefix("data.")
    if path.startswith("data[") and getattr(owner, "data", None) is not None:
        owner, path = owner.data, path.removeprefix("data")
    if path.startswith("shape_keys.") and getattr(owner, "shape_keys", None) is not None:
        owner, path = owner.shape_keys, path.removeprefix("shape_keys.")
    try:
        owner.path_resolve(path)
    except ValueError:
        raise UnreachableError(f"its driver reads {holder.name}.{path}, which is gone") from None
    return _Property(owner, path, index)


def _channel_read(target: Any) -> _Property:
    """The channel of a bone or object that a transform variable reads."""
    holder = target.id
    if holder is None:
        raise UnreachableError("its driver reads nothing")
    bone = holder.pose.bones.get(target.bone_target) if target.bone_target and holder.pose else None
    moved: Any = bone or holder
    kind, _, axis = target.transform_type.partition("_")
    if kind not in _TRANSFORMS or axis not in ("X", "Y", "Z"):
        raise UnreachableError(f"its driver reads {target.transform_type} of {moved.name}")
    if target.transform_space == "WORLD_SPACE":
        raise UnreachableError(f"its driver reads where {moved.name} is in the world")
    if any(not each.mute and not each.type.startswith("LIMIT_") for each in moved.constraints):
        raise UnreachableError(f"constraints move {moved.name}, which its driver reads")
    if kind == "ROT":
        if moved.rotation_mode in ("QUATERNION", "AXIS_ANGLE"):
            raise UnreachableError(
                f"{moved.name} turns by {moved.rotation_mode.replace('_', ' ').lower()}: "
                "give it the rotation mode XYZ Euler"
            )
        if target.rotation_mode not in ("AUTO", moved.rotation_mode):
            raise UnreachableError(f"its driver reads {moved.name} in another order of axes")
    path = _TRANSFORMS[kind]
    if bone is not None:
        path = f'pose.bones["{bpy.utils.escape_identifier(bone.name)}"].{path}'
    return _Property(holder, path, "XYZ".index(axis))


def _rest_of(control: _Property) -> float:
    """Where a control is when nothing moves it: what a rigger's default says."""
    if control.data_path.endswith(("location", "rotation_euler")):
        return 0.0
    if control.data_path.endswith("scale"):
        return 1.0
    settings = custom_property_settings(control.holder, control.data_path)
    default = settings.get("default", 0.0)
    return float(default) if isinstance(default, int | float) else 0.0
