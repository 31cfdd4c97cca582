"""The encoder as an ONNX graph: 4-bit matrix products, attention, pooling; embeddings go in, unit vectors come out.

All texts of a batch have the same length, so there is no padding and no mask: a text gives the same vector alone and
in a batch. XLM-RoBERTa / BERT layers with the normalisation behind each part; e5 pools by the mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from bot.encoding.e5_file import BLOCK, E5File

_OPSET = 20
_MICROSOFT = "com.microsoft"
# Activations in 8 bits, block by block and row by row: twice as fast, and a row does not feel its neighbours.
_ACCURACY = 4


def build_graph(file: E5File) -> bytes:
    """Return a serialised model: `embeddings` (batch, length, hidden) to `vectors` (batch, hidden)."""
    graph = _Graph(file)
    x = graph.normalise("embeddings", "emb.ln")
    for layer in range(file.layers):
        x = graph.layer(x, f"l{layer}")
    pooled = graph.node("ReduceMean", x, graph.constant(np.array([1], np.int64)), keepdims=0)
    length = graph.node("ReduceL2", pooled, graph.constant(np.array([1], np.int64)), keepdims=1)
    graph.node("Div", pooled, length, output="vectors")
    made = helper.make_graph(
        graph.nodes,
        "e5",
        [helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["batch", "length", file.hidden])],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", file.hidden])],
        graph.constants,
    )
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
    model: onnx.ModelProto = helper.make_model(made, opset_imports=opsets, ir_version=9)
    return bytes(model.SerializeToString())


def repack(blocks: npt.NDArray[Any]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Return bytes whose neighbours share one byte (weight 2i low, 2i + 1 high), as MatMulNBits wants them."""
    nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
    return (nibbles[:, 0::2] | nibbles[:, 1::2] << 4).astype(np.uint8), blocks["scale"].astype(np.float32)


class _Graph:
    """Collects nodes and constants; every method returns the name of what it made."""

    def __init__(self, file: E5File) -> None:
        self.file = file
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def node(self, kind: str, *inputs: str, output: str | None = None, domain: str = "", **attributes: Any) -> str:
        name = output or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], domain=domain, **attributes))
        return name

    def constant(self, value: npt.NDArray[np.generic]) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def normalise(self, x: str, name: str) -> str:
        weight, bias = self._vector(f"{name}.w"), self._vector(f"{name}.b")
        return self.node("LayerNormalization", x, weight, bias, axis=-1, epsilon=self.file.epsilon)

    def layer(self, x: str, name: str) -> str:
        hidden, inner = self.file.hidden, self.file.inner
        query, key, value = (self._product(x, f"{name}.{part}", hidden, hidden) for part in "qkv")
        seen = self.node("MultiHeadAttention", query, key, value, domain=_MICROSOFT, num_heads=self.file.heads)
        attended = self._product(seen, f"{name}.ao", hidden, hidden)
        x = self.normalise(self.node("Add", x, attended), f"{name}.aln")
        wide = self.node("Gelu", self._product(x, f"{name}.fi", inner, hidden))
        return self.normalise(self.node("Add", x, self._product(wide, f"{name}.fo", hidden, inner)), f"{name}.oln")

    def _vector(self, name: str) -> str:
        return self.constant(self.file.tensors[name].astype(np.float32))

    def _product(self, x: str, name: str, rows: int, columns: int) -> str:
        packed, scales = repack(self.file.tensors[f"{name}.w"])
        weights = self.constant(packed.reshape(rows, columns // BLOCK, BLOCK // 2))
        product = self.node(
            "MatMulNBits",
            x,
            weights,
            self.constant(scales.ravel()),
            domain=_MICROSOFT,
            K=columns,
            N=rows,
            bits=4,
            block_size=BLOCK,
            accuracy_level=_ACCURACY,
        )
        return self.node("Add", product, self._vector(f"{name}.b"))
