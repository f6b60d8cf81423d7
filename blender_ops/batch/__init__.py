# SPDX-License-Identifier: GPL-3.0-or-later
"""Many shots in one go, as far as Blender has a part in it: processes, pictures, products."""
