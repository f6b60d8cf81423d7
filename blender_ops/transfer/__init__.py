# SPDX-License-Identifier: GPL-3.0-or-later
"""Face keys for characters that have none, from a template head."""

from .carry_over import Request, add_keys_in_steps, computed, request_for, transfer_face_keys

__all__ = ["Request", "add_keys_in_steps", "computed", "request_for", "transfer_face_keys"]
