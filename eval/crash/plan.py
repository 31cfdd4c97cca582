"""How big a run is. Everything random in it comes from its seed."""

from __future__ import annotations

import msgspec


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One run: `kills` counts whatever the scenario breaks (servers killed, disks filled, databases stopped)."""

    clients: int = 100
    kills: int = 20
    messages: int = 10_000
    """That are acknowledged in the end; those that guests are refused come on top."""
    seed: int = 1
    per_second: float = 110.0
    """Messages a second, all clients together, on average; they come in bursts."""
    drops_per_s: float = 2.0
    """Connections that break off by themselves, a second."""
    settle_s: float = 90.0
    """How long everything may take to arrive after the last trouble, or may stand still before that."""
