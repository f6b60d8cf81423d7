# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads on which the transfer of face keys is measured, and how it is scored."""
