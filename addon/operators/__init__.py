# SPDX-License-Identifier: GPL-3.0-or-later
"""What the animator can do: thin operators, each around one function of a lower floor."""
