# SPDX-License-Identifier: GPL-3.0-or-later
"""The exceptions that Mien raises on purpose.

Every message is one sentence that an animator can act on: what is wrong, in which
file or object, and what to do next. The command line prints it as one line, an
operator reports it.
"""


class MienError(Exception):
    """Something the user can put right. Base of all of Mien's own exceptions."""


class PerformanceError(MienError):
    """A performance cannot be built from these arrays."""


class FootageError(MienError):
    """A video, picture sequence or camera cannot be read as footage of a face."""


class FormatError(MienError):
    """A file is not the animation format it should be, or is damaged."""


class TakeError(MienError):
    """A take cannot be written, or is not a take."""


class RecipeError(MienError):
    """A recipe names an unknown step or an impossible setting."""


class ActionUnitError(MienError):
    """A facial action unit or an emotion is unknown, or its table is damaged."""


class WeightsError(MienError):
    """A network's weight file is missing, altered or cannot be loaded."""


class TransferError(MienError):
    """Face keys cannot be carried over from one head to another."""


class TrainingError(MienError):
    """A network cannot be trained with this data or this configuration."""


class SamplingError(MienError):
    """An expression or a motion cannot be sampled or varied as asked."""


class Cancelled(MienError):
    """The user stopped the work."""
