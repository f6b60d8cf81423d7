# SPDX-License-Identifier: GPL-3.0-or-later
"""Many shots in one go: the list of them, the steps they need, and the run that survives."""
