# SPDX-License-Identifier: GPL-3.0-or-later
"""Known truth: footage rendered from weights, so that what a tracker should see is known."""
