# SPDX-License-Identifier: GPL-3.0-or-later
"""How good a performance is, measured against another."""
