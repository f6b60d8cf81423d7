# SPDX-License-Identifier: GPL-3.0-or-later
"""Mien's own solver: what the landmark network saw → weights of ARKit's channels.

Landmarks leave out much of what their network saw. So each frame's **appearance** is made of
the network's inner features and its landmarks, while the footage is tracked, and kept in the
take; weights are made of it and of the appearance of the same face at rest. A new rest needs
no footage.

| module | what |
|---|---|
| `solve.py` | appearance, rest and weights, by the two trained networks |
| `network.py`, `train.py`, `publish.py` | how the networks are made |
| `examples.py`, `pictures.py` | what they learn from: rendered people, varied |
"""
