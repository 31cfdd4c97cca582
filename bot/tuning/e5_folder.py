"""multilingual-e5-small as a sentence-transformers folder to tune, and the tuned weights in 4 bits again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.encoding.e5 import e5_artefact
from bot.encoding.e5_file import BLOCK, E5File, Vocabulary, read_e5_file
from bot.encoding.e5_graph import build_graph
from bot.encoding.sentence import quiet_libraries

PREFIX = "query: "
_Floats = npt.NDArray[np.float32]
# Our names of a layer's parts, and those of transformers' BertModel.
_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_MATRICES = ("q", "k", "v", "ao", "fi", "fo")
_Q4 = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])


def write_e5_folder(folder: Path) -> None:
    """Write the weights of the installed package as a sentence-transformers model (mean pooling, unit vectors)."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel

    quiet_libraries()
    file = read_e5_file()
    state = {name: torch.from_numpy(value) for name, value in _state(file).items()}
    config = BertConfig(
        vocab_size=len(state["embeddings.word_embeddings.weight"]),
        hidden_size=file.hidden,
        num_hidden_layers=file.layers,
        num_attention_heads=file.heads,
        intermediate_size=file.inner,
        max_position_embeddings=file.positions,
        layer_norm_eps=file.epsilon,
        pad_token_id=1,
    )
    model = BertModel(config, add_pooling_layer=False)
    missing, strange = model.load_state_dict(state, strict=False)
    if strange or any("position_ids" not in name for name in missing):
        raise AssertionError(f"the weights do not fit: {missing} {strange}")
    plain = folder / "plain"
    model.save_pretrained(plain)
    _tokenizer(file.vocabulary).save_pretrained(plain)
    whole = Transformer(str(plain), max_seq_length=160)
    made = SentenceTransformer(modules=[whole, Pooling(file.hidden, pooling_mode="mean"), Normalize()], device="cpu")
    made.save(str(folder / "model"), create_model_card=False)


def pack_e5(models: Path, name: str, weights: Mapping[str, Any], *, stamp: str, taught: Sequence[str] = ()) -> Path:
    """Save tuned weights (BertModel's names, numpy arrays) as a 4-bit encoder `models`/name; it needs no torch."""
    base = read_e5_file()
    tensors = dict(base.tensors)
    for layer in range(base.layers):
        for part, theirs in _PARTS.items():
            place = f"encoder.layer.{layer}.{theirs}"
            weight = np.asarray(weights[f"{place}.weight"], dtype=np.float32)
            tensors[f"l{layer}.{part}.w"] = to_q4(weight) if part in _MATRICES else weight
            tensors[f"l{layer}.{part}.b"] = np.asarray(weights[f"{place}.bias"], dtype=np.float32)
    file = replace(base, tensors=tensors)
    graph = np.frombuffer(build_graph(file), dtype=np.uint8)
    return e5_artefact(file, graph, encoder_id=f"q4-{name}/{stamp}", taught=taught).save_as(models / name)


def to_q4(matrix: _Floats) -> npt.NDArray[np.void]:
    """Quantise a matrix in blocks of 32 along its rows (Q4_0: the greatest weight of a block becomes -8)."""
    blocks = matrix.reshape(-1, BLOCK)
    greatest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=1)[:, None], axis=1)[:, 0]
    scale = (greatest / -8).astype(np.float16)
    steps = scale.astype(np.float32)
    inverse = np.divide(1.0, steps, out=np.zeros_like(steps), where=steps != 0)
    numbers = np.clip(np.rint(blocks * inverse[:, None]) + 8, 0, 15).astype(np.uint8)
    packed = np.zeros(len(blocks), dtype=_Q4)
    packed["scale"] = scale
    packed["nibbles"] = numbers[:, : BLOCK // 2] | numbers[:, BLOCK // 2 :] << 4
    return packed


def from_q4(packed: npt.NDArray[Any], columns: int) -> _Floats:
    """Return the matrix (n, columns) that blocks stand for."""
    numbers = np.concatenate([packed["nibbles"] & 15, packed["nibbles"] >> 4], axis=-1).astype(np.float32) - 8
    return (numbers * packed["scale"][..., None].astype(np.float32)).reshape(-1, columns)


def _state(file: E5File) -> dict[str, _Floats]:
    def floats(name: str, columns: int) -> _Floats:
        raw: npt.NDArray[Any] = file.tensors[name]
        return from_q4(raw, columns) if raw.dtype.names else raw.reshape(-1, columns).astype(np.float32)

    hidden = file.hidden
    types = floats("emb.type", hidden)
    state = {
        "embeddings.word_embeddings.weight": floats("emb.word", hidden),
        "embeddings.position_embeddings.weight": floats("emb.pos", hidden)[: file.positions],
        "embeddings.token_type_embeddings.weight": np.resize(types, (2, hidden)).copy(),
        "embeddings.LayerNorm.weight": floats("emb.ln.w", hidden)[0],
        "embeddings.LayerNorm.bias": floats("emb.ln.b", hidden)[0],
    }
    for layer in range(file.layers):
        for part, theirs in _PARTS.items():
            place = f"encoder.layer.{layer}.{theirs}"
            weight = file.tensors[f"l{layer}.{part}.w"]
            columns = file.inner if part == "fo" else hidden
            state[f"{place}.weight"] = (
                from_q4(weight, columns) if part in _MATRICES else weight.astype(np.float32).ravel()
            )
            state[f"{place}.bias"] = file.tensors[f"l{layer}.{part}.b"].astype(np.float32).ravel()
    return state


def _tokenizer(vocabulary: Vocabulary) -> Any:
    """Return XLM-R's splitting with NFKC in place of its own table of characters; our texts are normalised before."""
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram
    from transformers import PreTrainedTokenizerFast

    pieces = list(zip(vocabulary.pieces, vocabulary.scores.tolist(), strict=True))
    begin, end = vocabulary.pieces[vocabulary.bos], vocabulary.pieces[vocabulary.eos]
    made = Tokenizer(Unigram(pieces, unk_id=vocabulary.unknown, byte_fallback=False))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    made.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}", special_tokens=[(begin, vocabulary.bos), (end, vocabulary.eos)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        bos_token=begin,
        eos_token=end,
        cls_token=begin,
        sep_token=end,
        unk_token=vocabulary.pieces[vocabulary.unknown],
        pad_token=vocabulary.pieces[1],
        model_max_length=160,
    )
