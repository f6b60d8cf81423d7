# SPDX-License-Identifier: GPL-3.0-or-later
"""What table 4 compares the autoencoders with, and the recordings that it uses."""
