# SPDX-License-Identifier: GPL-3.0-or-later
"""Mien: footage of a face becomes editable shape-key animation.

The repository's root is the Blender extension. Nothing is imported here, so that
``import mien.models`` runs on a machine without Blender.
"""


def register() -> None:
    """Add Mien's classes to Blender. Imports no heavy library."""
    from .addon.registration import register as add_all

    add_all()


def unregister() -> None:
    """Remove all that `register` added."""
    from .addon.registration import unregister as remove_all

    remove_all()
