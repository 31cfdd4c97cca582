"""Tuning for real, on a tiny model: it learns, goes on where it was cut off, and is kept only with a proof."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from bot.encoding.commands import app
from bot.encoding.encoder import Encoder, text_mark
from bot.encoding.sentence import SentenceEncoder, prepare_sentence
from bot.encoding.tiers import list_prepared, load_encoder, tier_of
from bot.training.example import TrainingExample, clean_examples
from bot.training.train import train
from bot.tuning.proof import prove, split_rows
from bot.tuning.settings import TuningSettings
from bot.understanding.hybrid import Understander
from kefu.base.errors import ConfigError

# Looked for and not imported: every process that collects this file would pay for torch.
pytestmark = pytest.mark.skipif(
    find_spec("torch") is None or find_spec("sentence_transformers") is None, reason="needs kefu[models]"
)

LETTERS = "abcdefghijklmnopqrstuvwxyz 0123456789"


def tiny(folder: Path) -> Path:
    """Write a two-layer BERT over letters, of weights drawn at random, as a sentence-transformers model."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Regex, Tokenizer, pre_tokenizers
    from tokenizers.models import WordLevel
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    words = {sign: place for place, sign in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS])}
    splitting = Tokenizer(WordLevel(words, unk_token="[UNK]"))
    splitting.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        initializer_range=0.1,
        hidden_dropout_prob=0.0,
    )
    BertModel(config).save_pretrained(folder / "plain")
    PreTrainedTokenizerFast(
        tokenizer_object=splitting,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    ).save_pretrained(folder / "plain")
    whole = Transformer(str(folder / "plain"), max_seq_length=32)
    made = SentenceTransformer(modules=[whole, Pooling(32, pooling_mode="mean")], device="cpu")
    made.save(str(folder / "tiny"), create_model_card=False)
    return folder / "tiny"


def rows(count: int = 32) -> list[TrainingExample]:
    """Sentences of a or b, c or d, and some digits; `pair` is a with c or b with d: no sum of letters tells."""
    generator = np.random.default_rng(5)
    made = []
    for place in range(count):
        for first in "ab":
            for last in "cd":
                intent = "pair" if first + last in ("ac", "bd") else "cross"
                text = first * 3 + " ".join(generator.choice(list("0123456789"), 3)) + last * 3
                made.append(TrainingExample(text, intent, f"r.yml:{place}"))
    return made


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of encoders with the tiny one prepared."""
    place = tmp_path_factory.mktemp("tuning")
    prepare_sentence(place / "models", str(tiny(place)))
    return place / "models"


@pytest.fixture(autouse=True)
def no_default_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The heads of the proof see the tiny model alone: beside the default encoder nothing is left to gain."""
    monkeypatch.setattr("bot.tuning.tune.PairEncoder", lambda first, second: second)


def run(models: Path, **more: Any) -> Any:
    from bot.tuning.tune import tune

    settings = TuningSettings(**{"method": "full", "epochs": 5, "rate": 5e-3, "patience": 5, **more.pop("how", {})})
    return tune(more.pop("rows", rows()), models=models, base="tiny", settings=settings, **more)


@pytest.mark.parametrize(("method", "rate"), [("full", 5e-3), ("lora", 2e-2)])
def test_what_no_linear_head_can_tell_apart_is_learned_and_the_gain_proven(
    models: Path, method: str, rate: float
) -> None:
    report = run(models, name=f"by-{method}", how={"method": method, "rate": rate})
    assert report.watched[report.kept_epoch] == max(report.watched) >= report.watched[0] + 0.2
    assert report.proof.after > report.proof.before and report.proof.chance <= 0.05
    assert report.kept and f"by-{method}" in list_prepared(models)


def test_few_examples_are_learned_by_contrast(models: Path) -> None:
    report = run(models, name="few", rows=rows(5), how={"method": "auto", "epochs": 1})
    assert report.method == "contrastive" and len(report.watched) == 2


def test_the_contrast_is_less_where_intents_lie_apart() -> None:
    import torch

    from bot.tuning.learn import contrast

    labels = torch.tensor([0, 0, 1, 1])
    apart = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    mixed = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    assert contrast(apart, labels, 0.1) < 0.1 < contrast(mixed, labels, 0.1)


def test_a_proven_encoder_serves_and_says_what_it_was_taught(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.tuning.tune.prove", lambda before, after: prove(np.zeros(9, bool), np.ones(9, bool)))
    report = run(models, name="better")
    assert report.kept and "better" in list_prepared(models)
    encoder = load_encoder("better", models=models)
    assert tier_of(encoder.id) == "better"
    split = split_rows(clean_examples(rows()), seed=0)
    assert encoder.taught == {text_mark(clean_examples(rows())[row].text) for row in split.learn}  # type: ignore[attr-defined]
    trained = train(rows(), encoder)
    judged = {text_mark(text.text) for text in trained.out_of_fold.texts}
    assert judged and not judged & encoder.taught, "rows that the encoder was taught may not judge"  # type: ignore[attr-defined]
    assert Understander(trained.model, encoder).understand("aaa1 2 3ccc").intent == "pair"


def test_without_a_gain_nothing_is_left_behind(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sorted(path.name for path in models.iterdir())
    monkeypatch.setattr("bot.tuning.tune.prove", lambda before, after: prove(np.ones(9, bool), np.ones(9, bool)))
    report = run(models, name="nothing", how={"epochs": 1})
    assert not report.kept and "not proven" in report.why
    assert sorted(path.name for path in models.iterdir()) == before


def test_an_interrupted_run_goes_on_and_ends_as_if_it_had_not_been(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.tuning.learn import _Run

    whole = run(models, name="whole")
    save, saves = _Run.save, []

    def cut(self: Any, *given: Any) -> None:
        save(self, *given)
        saves.append(1)
        if len(saves) == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(_Run, "save", cut)
        with pytest.raises(KeyboardInterrupt):
            run(models, name="cut")
    resumed = run(models, name="cut")
    assert (resumed.resumed_at, resumed.watched, resumed.proof) == (3, whole.watched, whole.proof)


def test_no_better_epoch_ends_the_run_early(models: Path) -> None:
    report = run(models, name="early", how={"epochs": 30, "rate": 1e-12, "patience": 2})
    assert len(report.watched) < 10


def test_what_cannot_be_tuned_is_refused(models: Path) -> None:
    from bot.tuning.tune import tune

    with pytest.raises(ConfigError, match="at least 20"):
        run(models, rows=rows(1))
    with pytest.raises(ConfigError, match="is not prepared"):
        tune(rows(), models=models, base="nix")
    with pytest.raises(ConfigError, match="is the name of what is tuned"):
        run(models, name="tiny")


def test_a_prepared_model_that_was_changed_is_refused(models: Path, tmp_path: Path) -> None:
    prepare_sentence(tmp_path, str(models / "tiny" / "model"), name="mine")
    encoder: Encoder = SentenceEncoder(tmp_path, "mine")
    assert encoder.encode(["abc", "xyz"]).shape == (2, 32)
    (tmp_path / "mine" / "model" / "modules.json").write_text("[]")
    with pytest.raises(ConfigError, match="was changed after it was prepared"):
        SentenceEncoder(tmp_path, "mine")


def test_a_name_that_lies_nowhere_is_refused_without_a_network(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing is downloaded"):
        prepare_sentence(tmp_path, "someone/some-model")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="cannot be loaded"):
        prepare_sentence(tmp_path, str(tmp_path / "empty"))
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_the_command_tells_the_figures(models: Path, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(json.dumps({"text": one.text, "intent": one.intent}) for one in rows(6)))
    given = ["tune", "--rows", str(file), "--data", str(models.parent), "--base", "tiny", "--epochs", "1", "--as", "c"]
    done = CliRunner().invoke(app, given)
    assert done.exit_code in (0, 1), done.output
    assert json.loads(done.stdout.splitlines()[-1])["proof"]["rows"] > 0


def test_the_proof_is_mcnemars() -> None:
    before, after = np.array([0, 0, 0, 0, 0, 1, 1], bool), np.array([1, 1, 1, 1, 1, 1, 1], bool)
    assert prove(before, after).chance == pytest.approx(1 / 32)
    assert prove(after, before).chance == 1.0
    assert prove(after, after).chance == 1.0


def test_the_quality_model_survives_the_way_to_torch_and_back() -> None:
    pytest.importorskip("onnx", reason="needs kefu[quality]")
    from bot.tuning.e5_folder import from_q4, to_q4

    packed = to_q4(np.random.default_rng(0).standard_normal((8, 64)).astype(np.float32))
    again = to_q4(from_q4(packed, 64))
    assert np.array_equal(again, packed), "what is in 4 bits already stays as it is"


@pytest.mark.slow
def test_e5_goes_to_torch_and_back_with_the_same_vectors(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="needs kefu[quality]")
    from bot.encoding.e5 import E5Encoder, prepare_e5
    from bot.encoding.sentence import open_model
    from bot.tuning.e5_folder import PREFIX, pack_e5, write_e5_folder

    texts = ["什么时候发货", "how much is it", "明天下午三点，165斤穿什么码？"]
    prepare_e5(tmp_path / "models")
    ours = E5Encoder(tmp_path / "models").encode(texts)
    (tmp_path / "torch").mkdir()
    write_e5_folder(tmp_path / "torch")
    model = open_model(tmp_path / "torch" / "model")
    theirs = model.encode([PREFIX + text for text in texts], normalize_embeddings=True)
    assert (ours * theirs).sum(axis=1).min() > 0.999
    weights = {name: value.detach().numpy() for name, value in model[0].model.state_dict().items()}
    pack_e5(tmp_path / "models", "again", weights, stamp="0", taught=["x"])
    again = E5Encoder(tmp_path / "models", "again")
    assert (ours * again.encode(texts)).sum(axis=1).min() > 0.9999
    assert again.taught == {"x"}
