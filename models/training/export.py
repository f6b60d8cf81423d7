# SPDX-License-Identifier: GPL-3.0-or-later
"""From torch to ONNX: small, old enough for every runtime, and equal to what was trained."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn

from ..errors import TrainingError
from .card import read_network

OPSET = 17
LATEST_IR = 10
LARGEST_DIFFERENCE = 1e-4
_STORED_IN_HALF = 256


@torch.no_grad()
def round_to_half(network: nn.Module) -> nn.Module:
    """The network with weights that half precision holds exactly: files half as large.

    Done before anything is measured, so that figures are those of the file.
    """
    for values in network.parameters():
        values.copy_(values.half().float())
    return network


def export(
    network: nn.Module,
    inputs: Mapping[str, Tensor],
    outputs: Sequence[str],
    frames: Mapping[str, int],
    metadata: Mapping[str, str],
    lengths: Mapping[str, str] | None = None,
) -> bytes:
    """The network as an ONNX file.

    inputs: an example of each, by name, in order. frames: for names of inputs and outputs
        of any length, the axis that is. metadata: stored in the file. lengths: for names
        whose length is not that of the others, what it is called instead of "frames".

    Raises TrainingError if ONNX Runtime's results differ from torch's by 1e-4 or more.
    """
    network = network.eval()
    called = lengths or {}
    stream = io.BytesIO()
    with warnings.catch_warnings():
        # The scripted exporter is the one that writes operator sets this old.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            tuple(inputs.values()),
            stream,  # type: ignore[arg-type]
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={
                name: {axis: called.get(name, "frames")} for name, axis in frames.items()
            },
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load_from_string(stream.getvalue())
    _store_in_half(model)
    for name, text in metadata.items():
        model.metadata_props.add(key=name, value=text)
    model.producer_version = ""
    onnx.checker.check_model(model)
    if model.ir_version > LATEST_IR:
        raise TrainingError(f"The export has IR version {model.ir_version}, above {LATEST_IR}.")
    content: bytes = model.SerializeToString()
    difference = largest_difference(network, content, inputs)
    if not difference < LARGEST_DIFFERENCE:
        raise TrainingError(
            f"The exported network differs from the trained one by {difference:.2g}."
        )
    return content


@torch.no_grad()
def largest_difference(network: nn.Module, content: bytes, inputs: Mapping[str, Tensor]) -> float:
    """The largest |Δ| between torch's outputs and ONNX Runtime's."""
    expected = network(*inputs.values())
    expected = [expected] if isinstance(expected, Tensor) else list(expected)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    got = session.run(None, {name: value.numpy() for name, value in inputs.items()})
    return max(
        float(np.abs(one.numpy() - other).max()) if other.size else 0.0
        for one, other in zip(expected, got, strict=True)
    )


def load_stored(network: nn.Module, path: Path, section: str) -> None:
    """Give a network the parameters and buffers of an exported one.

    section: of the configuration that shapes it: its attribute's name in the file, too.

    Raises WeightsError if the file is missing or altered, TrainingError if it holds a
    network of another shape.
    """
    model = onnx.load_from_string(read_network(path))
    stored = {
        tensor.name.removesuffix(".half").removeprefix(f"{section}."): numpy_helper.to_array(tensor)
        for tensor in model.graph.initializer
    }
    own = {**dict(network.named_parameters()), **dict(network.named_buffers())}
    for name, values in own.items():
        if name not in stored or stored[name].shape != tuple(values.shape):
            raise TrainingError(
                f"“{path}” holds another kind of network than this configuration describes "
                f"({name}); start from weights trained with the same [{section}] settings."
            )
    with torch.no_grad():
        for name, values in own.items():
            values.copy_(torch.as_tensor(stored[name].copy()).float())


def _store_in_half(model: onnx.ModelProto) -> None:
    """Keep large weights in half precision where that loses nothing; cast when loaded."""
    casts = []
    for index, tensor in enumerate(model.graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _STORED_IN_HALF:
            continue
        half = values.astype(np.float16)
        if not np.array_equal(half.astype(np.float32), values):
            continue
        name = tensor.name
        model.graph.initializer[index].CopyFrom(numpy_helper.from_array(half, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
