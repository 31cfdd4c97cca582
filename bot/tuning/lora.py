"""Low-rank adaptation: small trained matrices beside frozen ones, folded into them at the end (Hu et al. 2021)."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

_TARGETS = ("query", "value", "q_lin", "v_lin", "q_proj", "v_proj", "Wqkv", "qkv_proj")


class LowRank(nn.Module):  # type: ignore[misc]
    """A linear layer whose own weights rest, with `rank` columns beside them that learn; it begins unchanged."""

    def __init__(self, rested: Any, rank: int) -> None:
        super().__init__()
        self.rested = rested
        self.down = nn.Parameter(torch.randn(rank, rested.in_features) / rank)
        self.up = nn.Parameter(torch.zeros(rested.out_features, rank))

    def forward(self, x: Any) -> Any:
        """Add what was learned to what the layer says."""
        return self.rested(x) + (x @ self.down.T) @ self.up.T * 2.0

    def folded(self) -> Any:
        """Return the layer with what was learned inside."""
        with torch.no_grad():
            self.rested.weight += 2.0 * self.up @ self.down
        return self.rested


def add_low_rank(model: Any, rank: int) -> int:
    """Rest all weights and put low-rank matrices beside the attention's; return how many layers got them."""
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    named = [(owner, name) for owner in model.modules() for name, child in owner.named_children() if _linear(child)]
    chosen = [(owner, name) for owner, name in named if name in _TARGETS] or named
    for owner, name in chosen:
        setattr(owner, name, LowRank(getattr(owner, name), rank))
    return len(chosen)


def fold_low_rank(model: Any) -> None:
    """Put plain layers in the place of all low-rank ones."""
    found = [
        (owner, name)
        for owner in model.modules()
        for name, child in owner.named_children()
        if isinstance(child, LowRank)
    ]
    for owner, name in found:
        setattr(owner, name, getattr(owner, name).folded())


def _linear(module: Any) -> bool:
    return isinstance(module, nn.Linear)
