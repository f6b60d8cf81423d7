# SPDX-License-Identifier: GPL-3.0-or-later
"""What needs no Blender: performances, recipes, file formats, capture and curves."""
