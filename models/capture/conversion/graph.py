# SPDX-License-Identifier: GPL-3.0-or-later
"""One TensorFlow Lite graph → one ONNX graph, for the operators that the tracker uses.

TensorFlow Lite keeps pictures as (batch, height, width, channels), ONNX convolves
(batch, channels, height, width). Every four-dimensional tensor of the ONNX graph is
kept channels first, its inputs and outputs included; tensors of other ranks stay as
they are. Operators that name axes are rewritten to match.

The operators' meaning: https://www.tensorflow.org/mlir/tfl_ops and
https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import WeightsError

Array = NDArray[Any]

OPSET = 17
IR_VERSION = 8

# Position of each channels-first axis in the channels-last order, and back.
_TO_LAST = (0, 3, 1, 2)
_TO_FIRST = (0, 2, 3, 1)

_NO_ACTIVATION, _RELU = 0, 1
_SAME_PADDING = 0

_PLAIN = {
    "ADD": "Add",
    "SUB": "Sub",
    "MUL": "Mul",
    "DIV": "Div",
    "RELU": "Relu",
    "SQRT": "Sqrt",
    "NEG": "Neg",
    "LOGISTIC": "Sigmoid",
}


class GraphConversion:
    """The conversion of one TensorFlow Lite model.

    model: the bytes of a .tflite file with one subgraph.
    inputs, outputs: names to give to the graph's inputs and outputs, in its own order.
    inner: tensors to give out besides: the name of each, and its number in the model.

    Raises WeightsError for an operator or an option that it does not know.
    """

    def __init__(
        self,
        model: bytes,
        inputs: Sequence[str],
        outputs: Sequence[str],
        inner: Mapping[str, int] | None = None,
    ) -> None:
        import tflite

        self._tflite = tflite
        self._model = tflite.Model.GetRootAsModel(model, 0)
        self._subgraph = self._model.Subgraphs(0)
        self._operator_names = {
            value: name
            for name, value in vars(tflite.BuiltinOperator).items()
            if isinstance(value, int)
        }
        self._nodes: list[Any] = []
        self._initializers: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self._constants: dict[int, Array] = {}
        self._input_names = tuple(inputs)
        self._output_names = tuple(outputs)
        self._inner = dict(inner or {})

    def onnx_bytes(self) -> bytes:
        """The whole model as the bytes of an .onnx file, the same at every run."""
        import onnx
        from onnx import TensorProto, helper

        graph = self._subgraph
        ends = []
        results = [*graph.OutputsAsNumpy(), *self._inner.values()]
        for indices, given in (
            (graph.InputsAsNumpy(), self._input_names),
            (results, (*self._output_names, *self._inner)),
        ):
            names = dict(zip((int(index) for index in indices), given, strict=True))
            self._names.update(names)
            ends.append(
                [
                    helper.make_tensor_value_info(
                        name, TensorProto.FLOAT, _first(self._shape(index))
                    )
                    for index, name in names.items()
                ]
            )
        for position in range(graph.OperatorsLength()):
            self._convert(graph.Operators(position))
        onnx_graph = helper.make_graph(
            self._nodes, "tracker", ends[0], ends[1], list(self._initializers.values())
        )
        model = helper.make_model(
            onnx_graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="mien",
        )
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))

    # Tensors ---------------------------------------------------------------------

    def _shape(self, index: int) -> tuple[int, ...]:
        shape = self._subgraph.Tensors(index).ShapeAsNumpy()
        return tuple(int(size) for size in shape) if isinstance(shape, np.ndarray) else ()

    def _constant(self, index: int) -> Array | None:
        """The values of a constant tensor, in TensorFlow Lite's layout; None if computed."""
        if index in self._constants:
            return self._constants[index]
        tensor = self._subgraph.Tensors(index)
        data = self._model.Buffers(tensor.Buffer()).DataAsNumpy()
        if not isinstance(data, np.ndarray):
            return None
        types = self._tflite.TensorType
        dtype = {types.FLOAT32: "<f4", types.FLOAT16: "<f2", types.INT32: "<i4"}.get(tensor.Type())
        if dtype is None:
            raise WeightsError(f"Tensor {index} has the unknown type {tensor.Type()}.")
        return np.frombuffer(data.tobytes(), dtype).reshape(self._shape(index))

    def _required_constant(self, index: int) -> Array:
        constant = self._constant(index)
        if constant is None:
            raise WeightsError(f"Tensor {index} should be constant, but is computed.")
        return constant

    def _name(self, index: int) -> str:
        return self._names.setdefault(index, f"t{index}")

    def _weight(self, name: str, values: Array) -> str:
        """Store weights as half precision where that loses nothing; name of the float32."""
        from onnx import TensorProto, numpy_helper

        if name in self._initializers:
            return name
        half = values.astype(np.float16)
        if values.dtype.kind != "f" or not np.array_equal(half.astype(np.float32), values):
            self._initializers[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
            return name
        stored = f"{name}.half"
        if stored not in self._initializers:
            self._initializers[stored] = numpy_helper.from_array(np.ascontiguousarray(half), stored)
            self._node("Cast", [stored], name, to=TensorProto.FLOAT)
        return name

    def _operand(self, index: int, rank: int) -> str:
        """The name of an operand of an elementwise operator with a result of this rank."""
        constant = self._constant(index)
        if constant is None:
            return self._name(index)
        if constant.ndim and rank == 4:
            constant = constant.reshape((1,) * (4 - constant.ndim) + constant.shape)
            constant = constant.transpose(_TO_LAST)
        return self._weight(f"c{index}", constant.astype(np.float32))

    def _node(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        from onnx import helper

        self._nodes.append(
            helper.make_node(kind, list(inputs), [output], name=f"{kind} {output}", **attributes)
        )
        return output

    def _whole_numbers(self, name: str, values: Sequence[int]) -> str:
        from onnx import numpy_helper

        self._initializers[name] = numpy_helper.from_array(np.array(values, np.int64), name)
        return name

    # Operators -------------------------------------------------------------------

    def _convert(self, operator: Any) -> None:
        code = self._model.OperatorCodes(operator.OpcodeIndex())
        kind = self._operator_names[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        inputs = [int(index) for index in operator.InputsAsNumpy()]
        output = int(operator.OutputsAsNumpy()[0])
        if kind in _PLAIN:
            rank = len(self._shape(output))
            operands = [self._operand(index, rank) for index in inputs]
            self._node(_PLAIN[kind], operands, self._name(output))
            self._refuse_activation(kind, operator)
            return
        convert: dict[str, Callable[[Any, list[int], int], None]] = {
            "DEQUANTIZE": self._dequantize,
            "CONV_2D": self._convolution,
            "DEPTHWISE_CONV_2D": self._depthwise_convolution,
            "PRELU": self._prelu,
            "MAX_POOL_2D": self._max_pool,
            "PAD": self._pad,
            "RESHAPE": self._reshape,
            "TRANSPOSE": self._transpose,
            "CONCATENATION": self._concatenation,
            "MEAN": self._mean,
            "SUM": self._sum,
            "SQUARED_DIFFERENCE": self._squared_difference,
            "RSQRT": self._reciprocal_root,
            "STRIDED_SLICE": self._strided_slice,
        }
        if kind not in convert:
            raise WeightsError(f"The operator {kind} is none that the tracker's nets use.")
        convert[kind](operator, inputs, output)

    def _options(self, operator: Any, name: str) -> Any:
        table = operator.BuiltinOptions()
        options = getattr(self._tflite, name)()
        options.Init(table.Bytes, table.Pos)
        return options

    def _refuse_activation(self, kind: str, operator: Any) -> None:
        if kind not in ("ADD", "SUB", "MUL", "DIV") or operator.BuiltinOptions() is None:
            return
        options = self._options(operator, f"{kind.capitalize()}Options")
        if options.FusedActivationFunction() != _NO_ACTIVATION:
            raise WeightsError(f"{kind} with an activation is not known.")

    def _dequantize(self, operator: Any, inputs: list[int], output: int) -> None:
        self._constants[output] = self._required_constant(inputs[0]).astype(np.float32)

    def _convolution(self, operator: Any, inputs: list[int], output: int) -> None:
        options = self._options(operator, "Conv2DOptions")
        kernel = self._required_constant(inputs[1]).transpose(0, 3, 1, 2)
        self._any_convolution(options, kernel, 1, inputs, output)

    def _depthwise_convolution(self, operator: Any, inputs: list[int], output: int) -> None:
        options = self._options(operator, "DepthwiseConv2DOptions")
        kernel = self._required_constant(inputs[1]).transpose(3, 0, 1, 2)
        self._any_convolution(options, kernel, kernel.shape[0], inputs, output)

    def _any_convolution(
        self, options: Any, kernel: Array, groups: int, inputs: list[int], output: int
    ) -> None:
        if (options.DilationHFactor(), options.DilationWFactor()) != (1, 1):
            raise WeightsError("Dilated convolutions are not known.")
        activation = options.FusedActivationFunction()
        if activation not in (_NO_ACTIVATION, _RELU):
            raise WeightsError(f"Activation {activation} of a convolution is not known.")
        strides = (options.StrideH(), options.StrideW())
        result = self._name(output)
        raw = result if activation == _NO_ACTIVATION else f"{result}.raw"
        self._node(
            "Conv",
            [
                self._name(inputs[0]),
                self._weight(f"c{inputs[1]}", kernel),
                self._weight(f"c{inputs[2]}", self._required_constant(inputs[2])),
            ],
            raw,
            kernel_shape=list(kernel.shape[2:]),
            strides=list(strides),
            pads=self._padding(options, inputs[0], kernel.shape[2:], strides),
            group=groups,
        )
        if activation == _RELU:
            self._node("Relu", [raw], result)

    def _padding(
        self, options: Any, source: int, window: Sequence[int], strides: Sequence[int]
    ) -> list[int]:
        """Padding as ONNX wants it: top, left, bottom, right."""
        if options.Padding() != _SAME_PADDING:
            return [0, 0, 0, 0]
        before, after = [], []
        for size, extent, stride in zip(self._shape(source)[1:3], window, strides, strict=True):
            steps = -(-size // stride)
            total = max((steps - 1) * stride + extent - size, 0)
            before.append(total // 2)
            after.append(total - total // 2)
        return before + after

    def _prelu(self, operator: Any, inputs: list[int], output: int) -> None:
        """max(x, 0) + a·min(x, 0), written as a·x + (1 − a)·max(x, 0).

        Both products are depthwise 1×1 convolutions: onnxruntime has them in its
        blocked layout, but its PRelu not, which costs more than all the rest. Where no
        slope is above 1, (1 − a)·max(x, 0) is max((1 − a)·x, 0), which it does at one go.
        """
        slope = self._required_constant(inputs[1]).reshape(-1, 1, 1, 1)
        source, result = self._name(inputs[0]), self._name(output)
        rest = self._weight(f"c{inputs[1]}.rest", 1 - slope)
        straight = self._weight(f"c{inputs[1]}", slope)
        shape = {"kernel_shape": [1, 1], "group": len(slope)}
        if slope.max() <= 1:
            self._node("Conv", [source, rest], f"{result}.scaled", **shape)
            self._node("Relu", [f"{result}.scaled"], f"{result}.positive")
            bent = f"{result}.positive"
        else:
            self._node("Relu", [source], f"{result}.positive")
            self._node("Conv", [f"{result}.positive", rest], f"{result}.scaled", **shape)
            bent = f"{result}.scaled"
        self._node("Conv", [source, straight], f"{result}.straight", **shape)
        self._node("Add", [f"{result}.straight", bent], result)

    def _max_pool(self, operator: Any, inputs: list[int], output: int) -> None:
        options = self._options(operator, "Pool2DOptions")
        window = [options.FilterHeight(), options.FilterWidth()]
        strides = [options.StrideH(), options.StrideW()]
        self._node(
            "MaxPool",
            [self._name(inputs[0])],
            self._name(output),
            kernel_shape=window,
            strides=strides,
            pads=self._padding(options, inputs[0], window, strides),
        )

    def _pad(self, operator: Any, inputs: list[int], output: int) -> None:
        amounts = self._required_constant(inputs[1])[list(_TO_LAST)]
        pads = self._whole_numbers(f"c{inputs[1]}", [int(n) for n in amounts.T.reshape(-1)])
        self._node("Pad", [self._name(inputs[0]), pads], self._name(output), mode="constant")

    def _reshape(self, operator: Any, inputs: list[int], output: int) -> None:
        source, result = self._name(inputs[0]), self._name(output)
        if len(self._shape(inputs[0])) == 4:
            source = self._node("Transpose", [source], f"{result}.last", perm=list(_TO_FIRST))
        shape = self._shape(output)
        wanted = self._whole_numbers(f"{result}.shape", shape)
        if len(shape) == 4:
            source = self._node("Reshape", [source, wanted], f"{result}.reshaped")
            self._node("Transpose", [source], result, perm=list(_TO_LAST))
        else:
            self._node("Reshape", [source, wanted], result)

    def _axis(self, axis: int, rank: int) -> int:
        axis %= rank
        return _TO_LAST.index(axis) if rank == 4 else axis

    def _transpose(self, operator: Any, inputs: list[int], output: int) -> None:
        order = [int(axis) for axis in self._required_constant(inputs[1])]
        if len(order) == 4:
            order = [self._axis(order[axis], 4) for axis in _TO_LAST]
        self._node("Transpose", [self._name(inputs[0])], self._name(output), perm=order)

    def _concatenation(self, operator: Any, inputs: list[int], output: int) -> None:
        options = self._options(operator, "ConcatenationOptions")
        rank = len(self._shape(output))
        operands = [self._operand(index, rank) for index in inputs]
        self._node("Concat", operands, self._name(output), axis=self._axis(options.Axis(), rank))

    def _reduced_axes(self, operator: Any, inputs: list[int]) -> list[int]:
        if not self._options(operator, "ReducerOptions").KeepDims():
            raise WeightsError("A reduction that drops dimensions is not known.")
        rank = len(self._shape(inputs[0]))
        axes = self._required_constant(inputs[1]).reshape(-1)
        return sorted(self._axis(int(axis), rank) for axis in axes)

    def _mean(self, operator: Any, inputs: list[int], output: int) -> None:
        axes = self._reduced_axes(operator, inputs)
        self._node("ReduceMean", [self._name(inputs[0])], self._name(output), axes=axes)

    def _sum(self, operator: Any, inputs: list[int], output: int) -> None:
        result = self._name(output)
        axes = self._whole_numbers(f"{result}.axes", self._reduced_axes(operator, inputs))
        self._node("ReduceSum", [self._name(inputs[0]), axes], result)

    def _squared_difference(self, operator: Any, inputs: list[int], output: int) -> None:
        result = self._name(output)
        operands = [self._operand(index, len(self._shape(output))) for index in inputs]
        difference = self._node("Sub", operands, f"{result}.difference")
        self._node("Mul", [difference, difference], result)

    def _reciprocal_root(self, operator: Any, inputs: list[int], output: int) -> None:
        result = self._name(output)
        root = self._node("Sqrt", [self._name(inputs[0])], f"{result}.root")
        self._node("Reciprocal", [root], result)

    def _strided_slice(self, operator: Any, inputs: list[int], output: int) -> None:
        options = self._options(operator, "StridedSliceOptions")
        if options.EllipsisMask() or options.NewAxisMask():
            raise WeightsError("A slice with an ellipsis or a new axis is not known.")
        shape = self._shape(inputs[0])
        begins, ends, steps = (self._required_constant(index) for index in inputs[1:])
        dropped = []
        starts, stops, axes = [], [], []
        for axis, size in enumerate(shape):
            bit = 1 << axis
            begin = 0 if options.BeginMask() & bit else int(begins[axis])
            end = size if options.EndMask() & bit else int(ends[axis])
            if options.ShrinkAxisMask() & bit:
                end = begin + 1 if begin != -1 else size
                dropped.append(axis)
            if steps[axis] != 1:
                raise WeightsError("A slice that skips is not known.")
            starts.append(begin)
            stops.append(end)
            axes.append(self._axis(axis, len(shape)))
        result = self._name(output)
        slices = [
            self._whole_numbers(f"{result}.{name}", values)
            for name, values in (("starts", starts), ("stops", stops), ("axes", axes))
        ]
        sliced = result if not dropped else f"{result}.sliced"
        self._node("Slice", [self._name(inputs[0]), *slices], sliced)
        if dropped:
            if len(shape) == 4:
                sliced = self._node("Transpose", [sliced], f"{result}.last", perm=list(_TO_FIRST))
            drop = self._whole_numbers(f"{result}.dropped", dropped)
            if len(shape) - len(dropped) == 4:
                raise WeightsError("A slice to four dimensions is not known.")
            self._node("Squeeze", [sliced, drop], result)


def _first(shape: tuple[int, ...]) -> list[int]:
    """A TensorFlow Lite shape, channels first if it has four dimensions."""
    return [shape[axis] for axis in _TO_LAST] if len(shape) == 4 else list(shape)
