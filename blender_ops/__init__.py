# SPDX-License-Identifier: GPL-3.0-or-later
"""What touches Blender's data, with no window needed."""
