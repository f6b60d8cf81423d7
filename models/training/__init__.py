# SPDX-License-Identifier: GPL-3.0-or-later
"""What every network of Mien is trained with: data, randomness, runs, export, cards."""
