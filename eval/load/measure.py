"""What one workload showed on one server in one round."""

from __future__ import annotations

from typing import Literal

import msgspec

from eval.load.stats import Latency

Workload = Literal[
    "one_to_one",
    "unloaded",
    "fan_out",
    "fan_out_lock",
    "history",
    "connections",
    "refusal",
    "rate_limited",
    "fill",
    "stored_messages",
    "deep_history",
]


class Measure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of the results; `None` means that the workload does not measure this.

    `size` is what the workload grows with: users, members, stored messages or connections.
    `accept` is the time to the acknowledgement, `deliver` the time to a recipient, both from the send.
    The shares are in cores; `others` is what neither server nor load used: the noise of the machine.
    `cpu_us_per_op` counts the server, its children and its database's processes.
    """

    target: str
    workload: Workload
    round: int = 0
    size: int = 0
    operation: str = "message"
    wanted: int = 0
    delivered: int = 0
    seconds: float = 0.0
    per_s: float | None = None
    deliveries_per_s: float | None = None
    accept: Latency | None = None
    deliver: Latency | None = None
    to_last: Latency | None = None
    cpu_us_per_op: float | None = None
    server_cpu_share: float | None = None
    load_cpu_share: float | None = None
    others_cpu_share: float | None = None
    memory_mb: float | None = None
    mb_per_1000: float | None = None
    idle_cpu_percent: float | None = None
    stall_ms: float | None = None
    fsync_ms: float | None = None
    dropped: int = 0
    error: str | None = None

    @property
    def exact(self) -> bool:
        """Return whether every delivery that was due came, once."""
        return self.error is None and self.delivered == self.wanted
