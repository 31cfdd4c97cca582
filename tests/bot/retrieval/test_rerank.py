"""A cross-encoder of sentence-transformers from a local folder; without one, a word on what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.retrieval.rerank import CrossEncoderReranker
from kefu.base.errors import ConfigError


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.json"):
        CrossEncoderReranker(tmp_path)


@pytest.mark.slow
def test_a_local_cross_encoder_gives_a_chance_for_each_text(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"发货退款什么时候多久到账"]
    (tmp_path / "vocab.txt").write_text("\n".join(dict.fromkeys(words)), "utf-8")
    transformers.BertTokenizerFast(vocab_file=str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        num_labels=1,
    )  # fmt: skip
    transformers.BertForSequenceClassification(config).save_pretrained(tmp_path)
    reranker = CrossEncoderReranker(tmp_path)
    scores = reranker.scores("什么时候发货", ["多久发货", "退款多久到账"])
    assert scores.shape == (2,) and ((scores >= 0) & (scores <= 1)).all()
    assert (scores == reranker.scores("什么时候发货", ["多久发货", "退款多久到账"])).all()
    assert reranker.scores("什么时候发货", []).shape == (0,)
