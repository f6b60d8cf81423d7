# SPDX-License-Identifier: GPL-3.0-or-later
"""What `build.py` is made of. Python's standard library only."""
