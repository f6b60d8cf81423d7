# SPDX-License-Identifier: GPL-3.0-or-later
"""What table 3 needs besides Mien: baselines, damaged takes, pictures."""
