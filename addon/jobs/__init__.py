# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs for a while beside Blender without freezing it."""
