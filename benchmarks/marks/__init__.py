# SPDX-License-Identifier: GPL-3.0-or-later
"""Marks made by eye on real footage, and how a capture is scored against them."""
