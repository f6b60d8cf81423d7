# SPDX-License-Identifier: GPL-3.0-or-later
"""The refiner: an adversarial network that restores what a good capture would have shown."""
