# SPDX-License-Identifier: GPL-3.0-or-later
"""From landmarks to weights: Mien's own solver, and how it is trained."""
