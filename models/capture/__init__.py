# SPDX-License-Identifier: GPL-3.0-or-later
"""From footage of a face to a performance."""
