# SPDX-License-Identifier: GPL-3.0-or-later
"""The variational autoencoders: expressions and motions as latents, sampled and decoded."""
