# SPDX-License-Identifier: GPL-3.0-or-later
"""The generator that refines motion and the discriminator that judges it.

Generator. For every frame and channel it weighs a small bank of smoothing filters, narrow
to wide, and adds what no filter can know:

    refined = seen + Σ gate · (filter(seen) − seen) + rest

Offline, the same filters also run over what all channels say together, and a spline is one
filter more. A residual temporal convolutional network (S. Bai, J. Kolter and V. Koltun,
arXiv:1803.01271) sees all channels at once. Gates and rest come of a smaller one, the same
for every channel, that sees its channel and a few words from the larger: so what one channel
teaches, all know. Weighing filters instead of predicting values is S. Bako et al.,
"Kernel-predicting convolutional networks", 2017: it knows nothing of a performer's range, so
it holds for faces that it never saw.

Discriminator. The same small convolutional network at several time scales, over motion
and velocity (K. Kumar et al., MelGAN, arXiv:1910.06711).

Tensors are (batch, channels, frames) throughout.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from .config import DiscriminatorSettings, GeneratorSettings

# Noise is about a fiftieth of a weight's range: scaled up to numbers near 1.
_BAND_GAIN = 10.0
_REST_GAIN = 0.1
# Finest details of a capture that does not tremble are below this, in weights.
_QUIET = 0.001
# A change of this much a frame, in weights, is halfway to as large as changes can look.
_PLAIN = 0.002


@dataclass
class Memory:
    """The frames that each causal layer still needs, from one chunk to the next.

    before: one tensor a layer, in the order in which the layers run.
    after: filled while the network runs; the next chunk's `before`.
    """

    before: Iterator[Tensor]
    after: list[Tensor]

    @classmethod
    def of(cls, tensors: Sequence[Tensor]) -> Memory:
        """A memory that starts from these tensors."""
        return cls(iter(tensors), [])

    def extended(self, values: Tensor, reach: int) -> Tensor:
        """The values with the `reach` frames before them, and those to come remembered.

        Frames are the last axis.
        """
        joined = torch.cat([next(self.before), values], dim=-1)
        self.after.append(joined[..., -reach:])
        return joined


class TimeConvolution(nn.Conv1d):
    """A convolution over time: centred, or causal, in which case it can use a memory."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, dilation: int = 1, causal: bool = False
    ) -> None:
        super().__init__(inputs, outputs, kernel, dilation=dilation)
        self.reach = (kernel - 1) * dilation
        self.future = 0 if causal else self.reach // 2

    def forward(self, values: Tensor, memory: Memory | None = None) -> Tensor:
        """(batch, inputs, frames) → (batch, outputs, frames)."""
        if memory is None:
            padded = functional.pad(values, (self.reach - self.future, self.future))
        else:
            padded = memory.extended(values, self.reach)
        return super().forward(padded)


class ResidualBlock(nn.Module):
    """A dilated convolution across time and one across channels, added to what comes in."""

    def __init__(self, width: int, kernel: int, dilation: int, causal: bool, norm: bool) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(width) if norm else nn.Identity()
        self.time = TimeConvolution(width, width, kernel, dilation, causal)
        self.across = nn.Conv1d(width, width, 1)
        with torch.no_grad():
            self.across.weight.mul_(0.1)

    def forward(self, values: Tensor, memory: Memory | None = None) -> Tensor:
        """(batch, width, frames) → the same shape."""
        hidden = self.time(functional.silu(self.norm(values)), memory)
        return values + self.across(functional.silu(hidden))


class ChannelConvolution(nn.Conv2d):
    """A convolution over time that is the same for every channel; see `TimeConvolution`."""

    def __init__(self, inputs: int, outputs: int, dilation: int, causal: bool) -> None:
        super().__init__(inputs, outputs, (1, 3), dilation=(1, dilation))
        self.reach = 2 * dilation
        self.future = 0 if causal else dilation

    def forward(self, values: Tensor, memory: Memory | None = None) -> Tensor:
        """(batch, inputs, channels, frames) → (batch, outputs, channels, frames)."""
        if memory is None:
            padded = functional.pad(values, (self.reach - self.future, self.future))
        else:
            padded = memory.extended(values, self.reach)
        return super().forward(padded)


class ChannelNetwork(nn.Module):
    """What is done about one channel, from what is seen of it: the same for every channel."""

    def __init__(self, inputs: int, outputs: int, settings: GeneratorSettings) -> None:
        super().__init__()
        width, causal = settings.channel_width, settings.causal
        self.enter = ChannelConvolution(inputs, width, 1, causal)
        self.layers = nn.ModuleList(
            ChannelConvolution(width, width, dilation, causal)
            for dilation in settings.channel_dilations
        )
        self.leave = nn.Conv2d(width, outputs, 1)
        nn.init.zeros_(self.leave.bias)  # type: ignore[arg-type]
        with torch.no_grad():
            self.leave.weight.mul_(0.01)

    def forward(self, values: Tensor, memory: Memory | None = None) -> Tensor:
        """(batch, inputs, channels, frames) → (batch, outputs, channels, frames)."""
        hidden = self.enter(values, memory)
        for layer in self.layers:
            hidden = hidden + layer(functional.silu(hidden), memory)
        result: Tensor = self.leave(functional.silu(hidden))
        return result

    def convolutions(self) -> list[ChannelConvolution]:
        """Those that look along time, in the order in which they run."""
        return [self.enter, *self.layers]  # type: ignore[list-item]


class FilterBank(nn.Module):
    """Each channel at several smoothnesses, the same filters for all.

    The à trous algorithm (M. Holschneider et al., 1989): a small binomial filter over and
    over, its taps twice as far apart each time, so that the standard deviations are 0.7,
    1.2, 2.3, 4.6, 9.2 … frames. A constant stays what it is.

    future: frames that all of them together may look ahead; None: as far as back.
    """

    def __init__(self, levels: int, future: int | None) -> None:
        super().__init__()
        self.levels: list[tuple[tuple[float, ...], int, int]] = []
        left = future
        for level in range(levels):
            taps = (1.0, 2.0, 1.0) if level == 0 else (1.0, 4.0, 6.0, 4.0, 1.0)
            dilation = 1 if level == 0 else 2 ** (level - 1)
            reach = (len(taps) - 1) * dilation
            ahead = reach // 2 if left is None else min(reach // 2, left)
            left = None if left is None else left - ahead
            self.levels.append((tuple(tap / sum(taps) for tap in taps), dilation, ahead))
        self.future = sum(ahead for _, _, ahead in self.levels)
        self.past = sum((len(taps) - 1) * step for taps, step, _ in self.levels) - self.future

    def forward(self, values: Tensor) -> Tensor:
        """(batch, channels, past + frames + future) → (batch, levels, channels, frames)."""
        frames = values.shape[2] - self.past - self.future
        first, results = self.past, []
        for taps, dilation, ahead in self.levels:
            reach = (len(taps) - 1) * dilation
            length = values.shape[2] - reach
            values = sum(  # type: ignore[assignment]
                tap * values[:, :, index * dilation : index * dilation + length]
                for index, tap in enumerate(taps)
            )
            first -= reach - ahead
            results.append(values[:, :, first : first + frames])
        return torch.stack(results, dim=1)


class Generator(nn.Module):
    """Damaged motion, its confidence and noise in; refined motion out.

    The live variant is causal. It answers for the frame `delay` before the newest one,
    so that it sees that far ahead and no farther.
    """

    def __init__(self, settings: GeneratorSettings, channels: int = 52) -> None:
        super().__init__()
        self.settings = settings
        self.channels = channels
        causal = settings.causal
        self.bank = FilterBank(settings.bank_levels, settings.delay if causal else None)
        self.delay = self.bank.future if causal else 0
        self.loudness_bank = FilterBank(settings.bank_levels, 0 if causal else None)
        filters = settings.bank_levels if causal else 2 * settings.bank_levels + 2
        features = filters + 4
        inputs = channels * features + settings.noise_channels
        self.enter = TimeConvolution(inputs, settings.width, 3, causal=causal)
        self.blocks = nn.ModuleList(
            ResidualBlock(
                settings.width, settings.kernel, dilation, causal, settings.batch_normalisation
            )
            for dilation in settings.dilations
        )
        words = settings.channel_context
        self.context_words = nn.Conv1d(settings.width, words * channels, 1)
        self.of_channel = ChannelNetwork(features + words, filters + 1, settings)
        if not causal:
            # To begin with, what lies between samples is believed to be smooth.
            with torch.no_grad():
                self.of_channel.leave.bias[0] = 1  # type: ignore[index]

    def forward(
        self,
        motion: Tensor,
        confidence: Tensor,
        noise: Tensor,
        curve: Tensor | None = None,
        shared: Tensor | None = None,
        memory: Memory | None = None,
    ) -> Tensor:
        """Refined motion.

        motion, confidence, curve, shared: (batch, channels, frames), see `evidence`; the
        causal generator takes no curve and nothing shared. noise: (batch, noise channels,
        frames), standard normal. Causal: frame t of the result answers for frame t − delay.
        """
        with torch.no_grad(), torch.autocast(motion.device.type, enabled=False):
            padded = self._extended(motion, self.bank, memory)
            seen = padded[:, :, self.bank.past : self.bank.past + motion.shape[2]]
            bands = self.bank(padded) - seen[:, None]
            loudness = self._loudness(bands, memory)
            if curve is not None and shared is not None:
                told = motion + curve + shared
                smoother = self.bank(self._extended(told, self.bank, None)) - told[:, None]
                stray = torch.stack([curve, told - motion], dim=1)
                bands = torch.cat([stray, bands, smoother], dim=1)
            features = torch.cat(
                [torch.stack([seen, confidence], dim=1), _BAND_GAIN * bands, loudness], dim=1
            )
            everything = torch.cat([features.flatten(1, 2), noise], dim=1)
        hidden = self.enter(everything, memory)
        for block in self.blocks:
            hidden = block(hidden, memory)
        words = self.context_words(functional.silu(hidden))
        words = words.unflatten(1, (self.settings.channel_context, self.channels))
        verdict = self.of_channel(torch.cat([features, words], dim=1), memory).float()
        return seen + (verdict[:, :-1] * bands).sum(1) + _REST_GAIN * verdict[:, -1]

    def _extended(self, values: Tensor, bank: FilterBank, memory: Memory | None) -> Tensor:
        """The values with the frames around them that a bank needs; the ends are held."""
        if memory is not None:
            return memory.extended(values, bank.past + bank.future)
        if self.settings.causal:
            return functional.pad(values, (bank.past + bank.future, 0), mode="replicate")
        return functional.pad(values, (bank.past, bank.future), mode="replicate")

    def _loudness(self, bands: Tensor, memory: Memory | None) -> Tensor:
        """How noisy each channel is around each frame, on a logarithmic scale.

        The mean |finest detail| over a few frames and over many: what tells a tremble,
        which goes on and on, from a plosive.
        """
        finest = self._extended(bands[:, 0].abs(), self.loudness_bank, memory)
        around = self.loudness_bank(finest)
        return torch.log1p(around[:, -3::2] / _QUIET)

    def memory_shapes(self) -> list[tuple[int, ...]]:
        """The shape of each tensor of a `Memory` but for the batch, in its order."""
        shapes: list[tuple[int, ...]] = [
            (self.channels, bank.past + bank.future) for bank in (self.bank, self.loudness_bank)
        ]
        shapes.append((self.enter.in_channels, self.enter.reach))
        shapes += [(self.settings.width, block.time.reach) for block in self.blocks]  # type: ignore[union-attr, misc]
        for layer in self.of_channel.convolutions():
            shapes.append((layer.in_channels, self.channels, layer.reach))
        return shapes

    def context(self) -> int:
        """Frames on either side that one refined frame depends on."""
        layers = self.enter.reach + sum(block.time.reach for block in self.blocks)  # type: ignore[union-attr, operator]
        layers += sum(layer.reach for layer in self.of_channel.convolutions())
        if self.settings.causal:
            return int(layers + self.bank.past + self.bank.future + self.loudness_bank.past)
        # The loudness is that of the finest band, which looks one frame to either side.
        return int(layers // 2 + max(self.bank.past, 1 + self.loudness_bank.past))


class ScaleDiscriminator(nn.Module):
    """Real or refined, for every stretch of motion, at one time scale."""

    def __init__(self, inputs: int, settings: DiscriminatorSettings) -> None:
        super().__init__()
        width = settings.width
        layers = [nn.Conv1d(inputs, width, 5, padding=2)]
        layers += [nn.Conv1d(width, width, 5, stride=2, padding=2) for _ in range(settings.layers)]
        layers.append(nn.Conv1d(width, 1, 3, padding=1))
        if settings.spectral_normalisation:
            layers = [spectral_norm(layer) for layer in layers]
        self.layers = nn.ModuleList(layers)

    def forward(self, values: Tensor) -> tuple[Tensor, list[Tensor]]:
        """(batch, inputs, frames) → logits (batch, 1, stretches) and each layer's features."""
        features = []
        for layer in self.layers[:-1]:  # type: ignore[index]
            values = functional.leaky_relu(layer(values), 0.2)
            features.append(values)
        return self.layers[-1](values), features


class Discriminator(nn.Module):
    """Judges motion, velocity and acceleration at several time scales.

    Velocity and acceleration are compressed to −1 … 1, so that a tremble of a thousandth
    of a weight is as plain as a blink; left as they are, it is drowned by the motion and
    the discriminator learns nothing.
    """

    def __init__(self, settings: DiscriminatorSettings, channels: int = 52) -> None:
        super().__init__()
        self.scales = nn.ModuleList(
            ScaleDiscriminator(3 * channels, settings) for _ in range(settings.scales)
        )

    def forward(self, motion: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """(batch, channels, frames) → logits of each scale, and all features."""
        velocity = motion[:, :, 1:] - motion[:, :, :-1]
        acceleration = velocity[:, :, 1:] - velocity[:, :, :-1]
        values = torch.cat(
            [motion[:, :, 2:], _compressed(velocity[:, :, 1:]), _compressed(acceleration)], dim=1
        )
        logits, features = [], []
        for number, scale in enumerate(self.scales):
            if number:
                values = functional.avg_pool1d(values, 2)
            judged, seen = scale(values)
            logits.append(judged)
            features += seen
        return logits, features


def _compressed(change: Tensor) -> Tensor:
    return change / (change.abs() + _PLAIN)
