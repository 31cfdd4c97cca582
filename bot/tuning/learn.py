"""The epochs of tuning: losses, early stopping, and a state on disk after each epoch from which it goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.nn import functional

from bot.tuning.lora import add_low_rank, fold_low_rank
from bot.tuning.settings import Method, TuningSettings

Progress = Callable[[str, int, int], None]
Labels = npt.NDArray[np.int64]
_WARM = 0.1
_HEAD_RATE = 1e-3
_SCALE = 10.0
_STATE = "state.safetensors"


@dataclass(frozen=True, slots=True)
class Lesson:
    """Texts with their labels, to learn from and to watch; the prefix is part of each text."""

    learn: tuple[str, ...]
    learn_labels: Labels
    watch: tuple[str, ...]
    watch_labels: Labels
    classes: int


@dataclass(frozen=True, slots=True)
class Learned:
    """The accuracy on watched rows before the first and after each epoch, and which of them was kept."""

    watched: tuple[float, ...]
    kept_epoch: int
    resumed_at: int


def learn(
    model: Any,
    lesson: Lesson,
    *,
    method: Method,
    settings: TuningSettings,
    folder: Path,
    stamp: str,
    device: str,
    progress: Progress,
) -> Learned:
    """Tune `model` in place to its best epoch; a state of the same `stamp` in `folder` is gone on from."""
    torch.manual_seed(settings.seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    model.to(device)
    run = _Run(model, lesson, method, settings, device)
    watched, best = run.resume(folder, stamp)
    began = len(watched)
    if not watched:
        watched, best = [run.watch()], run.weights()
        run.save(folder, stamp, watched, best)
    for epoch in range(len(watched), settings.epochs + 1):
        if len(watched) - 1 - int(np.argmax(watched)) >= settings.patience and len(watched) > 1:
            break
        run.epoch(epoch, lambda done, total, now=epoch: progress(f"epoch {now}", done, total))  # type: ignore[misc]
        watched.append(run.watch())
        if watched[-1] > max(watched[:-1]):
            best = run.weights()
        run.save(folder, stamp, watched, best)
    run.put(best)
    if method == "lora":
        fold_low_rank(model)
    model.to("cpu").eval()
    return Learned(tuple(round(value, 4) for value in watched), int(np.argmax(watched)), began)


class _Run:
    def __init__(self, model: Any, lesson: Lesson, method: Method, settings: TuningSettings, device: str) -> None:
        self.model, self.lesson, self.method, self.settings, self.device = model, lesson, method, settings, device
        if method == "lora":
            add_low_rank(model, settings.rank)
            model.to(device)
        else:
            for module in model.modules():
                if isinstance(module, nn.Embedding):  # words that no example holds must keep their sense
                    module.weight.requires_grad_(False)
        self.head = self._first_head().to(device) if method != "contrastive" else None
        self.moving = {name: one for name, one in model.named_parameters() if one.requires_grad}
        rate = settings.learning_rate(method)
        groups = [{"params": list(self.moving.values()), "lr": rate, "top": rate}]
        if self.head is not None:
            self.moving |= {f"head.{name}": one for name, one in self.head.named_parameters()}
            groups.append({"params": list(self.head.parameters()), "lr": _HEAD_RATE, "top": _HEAD_RATE})
        self.optimizer = torch.optim.AdamW(groups, weight_decay=0.01)

    def vectors(self, texts: Sequence[str]) -> Any:
        """Return unit vectors, with gradients when they are on."""
        features = {
            key: value.to(self.device) if hasattr(value, "to") else value
            for key, value in self.model.preprocess(list(texts)).items()
        }
        return functional.normalize(self.model(features)["sentence_embedding"], dim=-1)

    def _all(self, texts: Sequence[str]) -> Any:
        self.model.eval()
        with torch.no_grad():
            parts = [self.vectors(texts[start : start + 64]).cpu() for start in range(0, len(texts), 64)]
        return torch.cat(parts)

    def _first_head(self) -> Any:
        """Return a linear layer that begins where a logistic regression over the untuned vectors ends."""
        vectors = self._all(self.lesson.learn).numpy()
        fitted = LogisticRegression(C=1.0, max_iter=200).fit(vectors * _SCALE, self.lesson.learn_labels)
        head = nn.Linear(vectors.shape[1], self.lesson.classes)
        weights, bias = fitted.coef_, fitted.intercept_
        if len(fitted.classes_) == 2:
            weights, bias = np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
        with torch.no_grad():
            head.weight[fitted.classes_] = torch.from_numpy(weights.astype(np.float32))
            head.bias[fitted.classes_] = torch.from_numpy(bias.astype(np.float32))
        return head

    def watch(self) -> float:
        """Return the accuracy on the watched rows: of the head, or of the nearest intent's mean."""
        vectors = self._all(self.lesson.watch)
        if self.head is not None:
            with torch.no_grad():
                said = self.head.cpu()(vectors * _SCALE).argmax(dim=1).numpy()
            self.head.to(self.device)
        else:
            known = self._all(self.lesson.learn).numpy()
            means = np.stack(
                [known[self.lesson.learn_labels == label].mean(axis=0) for label in range(self.lesson.classes)]
            )
            said = (vectors.numpy() @ means.T).argmax(axis=1)
        return float((said == self.lesson.watch_labels).mean())

    def epoch(self, number: int, progress: Callable[[int, int], None]) -> None:
        """Go once through the rows; what is random depends on the seed and the epoch alone."""
        torch.manual_seed(self.settings.seed * 1_000 + number)
        batches = list(self._batches(number))
        total = len(batches) * self.settings.epochs
        self.model.train()
        for step, batch in enumerate(batches):
            done = (number - 1) * len(batches) + step
            pace = min((done + 1) / (_WARM * total), (total - done) / total, 1.0)
            for group in self.optimizer.param_groups:
                group["lr"] = group["top"] * pace
            loss = self._loss(batch)
            self.optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(list(self.moving.values()), 1.0)
            self.optimizer.step()
            progress(step + 1, len(batches))

    def _loss(self, batch: npt.NDArray[np.int64]) -> Any:
        vectors = self.vectors([self.lesson.learn[row] for row in batch])
        labels = torch.from_numpy(self.lesson.learn_labels[batch]).to(self.device)
        if self.head is not None:
            return functional.cross_entropy(self.head(vectors * _SCALE), labels)
        return contrast(vectors, labels, self.settings.temperature)

    def _batches(self, epoch: int) -> Iterator[npt.NDArray[np.int64]]:
        generator = np.random.default_rng([self.settings.seed, epoch])
        size = self.settings.batch
        if self.method != "contrastive":
            order = generator.permutation(len(self.lesson.learn))
            yield from (order[start : start + size] for start in range(0, len(order), size))
            return
        # Pairs of one intent: a batch of rows without partner teaches nothing.
        labels = self.lesson.learn_labels
        pairs: list[list[int]] = []
        for label in range(self.lesson.classes):
            rows = generator.permutation(np.flatnonzero(labels == label)).tolist()
            pairs += [[row, rows[(place + 1) % len(rows)]] for place, row in enumerate(rows)] if len(rows) > 1 else []
        order = generator.permutation(len(pairs))
        for start in range(0, len(order), size):
            yield np.array([row for pair in order[start : start + size] for row in pairs[pair]], dtype=np.int64)

    def weights(self) -> dict[str, Any]:
        """Return a copy of everything that moves."""
        return {name: one.detach().cpu().clone() for name, one in self.moving.items()}

    def put(self, weights: dict[str, Any]) -> None:
        """Set everything that moves."""
        with torch.no_grad():
            for name, one in self.moving.items():
                one.copy_(weights[name])

    def save(self, folder: Path, stamp: str, watched: list[float], best: dict[str, Any]) -> None:
        """Write where we are: weights, best weights and the optimiser's moments, whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {f"now.{name}": value for name, value in self.weights().items()}
        tensors |= {f"best.{name}": value for name, value in best.items()}
        for place, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"moment.{place}.{name}": value.detach().cpu().clone() for name, value in state.items()}
        save_file(tensors, folder / f"{_STATE}.part", metadata={"watched": json.dumps(watched), "stamp": stamp})
        os.replace(folder / f"{_STATE}.part", folder / _STATE)

    def resume(self, folder: Path, stamp: str) -> tuple[list[float], dict[str, Any]]:
        """Go back to where an interrupted run of the same stamp was; nothing when there is none."""
        from safetensors import SafetensorError, safe_open

        path = folder / _STATE
        if not path.exists():
            return [], {}
        try:
            with safe_open(path, framework="pt") as file:
                notes = file.metadata() or {}
            if notes.get("stamp") != stamp:
                return [], {}
            tensors = load_file(path)
        except (SafetensorError, OSError):
            return [], {}
        self.put({name: tensors[f"now.{name}"] for name in self.moving})
        moments: dict[int, dict[str, Any]] = {}
        for name, value in tensors.items():
            if name.startswith("moment."):
                _, place, what = name.split(".", 2)
                moments.setdefault(int(place), {})[what] = value
        if moments:
            self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": moments})
        return json.loads(notes["watched"]), {name: tensors[f"best.{name}"] for name in self.moving}


def contrast(vectors: Any, labels: Any, temperature: float) -> Any:
    """Return the supervised contrastive loss of unit vectors (Khosla et al. 2020, eq. 2)."""
    scores = vectors @ vectors.T / temperature
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    partner = (labels[:, None] == labels[None, :]) & ~itself
    scores = scores.masked_fill(itself, -1e9)
    logs = scores - torch.logsumexp(scores, dim=1, keepdim=True)
    return -((logs * partner).sum(dim=1) / partner.sum(dim=1).clamp(min=1)).mean()
