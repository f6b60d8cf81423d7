# SPDX-License-Identifier: GPL-3.0-or-later
"""How much landmarks can say: a network on perfect ones, and on those that are tracked."""
