# SPDX-License-Identifier: GPL-3.0-or-later
"""Face keys carried over from one head to another that has none."""
