# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves over time: cleaned, retimed, mirrored, scaled, and fitted with few keys."""
