# SPDX-License-Identifier: GPL-3.0-or-later
"""FACS, the Facial Action Coding System, in ARKit's channels."""
