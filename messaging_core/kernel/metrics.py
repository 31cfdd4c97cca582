"""What operators watch: Prometheus counters of one node."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """One registry a node, so that several nodes can live in one process in tests."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        self.sent = Counter("kefu_events_committed", "Events committed by this node's senders", registry=r)
        self.refused = Counter("kefu_sends_refused", "Sends whose transaction failed", registry=r)
        self.batch = Histogram(
            "kefu_batch_size", "Sends in one commit", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000), registry=r
        )
        self.frames = Counter("kefu_frames_received", "WebSocket frames received", registry=r)
        self.errors = Counter("kefu_errors_told", "Refusals told to clients", ["code"], registry=r)
        self.bugs = Counter("kefu_bugs", "Unexpected errors, each with an incident id in the log", registry=r)
        self.links = Gauge("kefu_links", "Live connections", registry=r)
        self.cut = Counter("kefu_links_cut", "Connections cut by the server", ["code"], registry=r)
        self.parked = Gauge("kefu_parked_events", "Events parked for the operator", registry=r)
        self.stall = Gauge("kefu_loop_stall_seconds_max", "Longest stall of the event loop since start", registry=r)
        self.healed = Counter("kefu_sweep_healed", "Conversations whose wake-up was lost and healed", registry=r)

    def count_cut(self, code: str) -> None:
        """Count a connection that was cut, by the code of its `closing`."""
        self.cut.labels(code).inc()

    def text(self) -> bytes:
        """Return the exposition text."""
        return generate_latest(self.registry)
