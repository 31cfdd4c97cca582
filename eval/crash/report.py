"""The outcome of a run: facts, counts of faults, examples; as a table and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from eval.crash.evidence import Stored
from eval.crash.faults import MEANING, Fault, Findings
from eval.crash.plan import Plan
from eval.crash.stage import Stage
from eval.load.results import revision


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One run; all `faults` must be 0."""

    scenario: str
    plan: Plan
    revision: str
    ended_at: str
    seconds: float
    facts: dict[str, int]
    faults: dict[str, int]
    examples: dict[str, list[str]]

    @property
    def is_clean(self) -> bool:
        """Return whether nothing was found."""
        return not any(self.faults.values())

    @classmethod
    def of(cls, scenario: str, stage: Stage, stored: Stored, found: Findings, *, seconds: float) -> Report:
        """Return the report of a run that is over."""
        for gate in stage.gates:
            found.take(gate.record.found)
        return cls(
            scenario=scenario,
            plan=stage.plan,
            revision=revision(),
            ended_at=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=round(seconds, 1),
            facts=_facts(stage, stored),
            faults=found.counts,
            examples={fault.value: words for fault, words in found.examples.items()},
        )

    def write(self, folder: Path) -> Path:
        """Write it as JSON into a folder and return the file."""
        folder.mkdir(parents=True, exist_ok=True)
        stamp = self.ended_at.replace(":", "").replace("-", "").split("+")[0]
        path = folder / f"crash-{self.scenario.replace('/', '-')}-{stamp}.json"
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1))
        return path

    def print(self, console: Console) -> None:
        """Print it for people."""
        table = Table(title=f"{self.scenario}, seed {self.plan.seed}, {self.seconds:.0f} s", title_justify="left")
        table.add_column("fault")
        table.add_column("count", justify="right")
        table.add_column("what is counted")
        for fault in Fault:
            count = self.faults[fault.value]
            table.add_row(fault.value, f"[{'red' if count else 'green'}]{count}[/]", MEANING[fault])
        console.print(table)
        facts = Table(box=None, show_header=False)
        for name, value in self.facts.items():
            facts.add_row(name, f"{value:,}")
        console.print(facts)
        for kind, words in self.examples.items():
            for line in words:
                console.print(Text(f"{kind}: {line}", style="red"), soft_wrap=True)


def print_totals(console: Console, reports: Sequence[Report]) -> None:
    """Print several runs side by side."""
    table = Table("", *(report.scenario for report in reports), title="faults", title_justify="left")
    for fault in Fault:
        table.add_row(fault.value, *(str(report.faults[fault.value]) for report in reports))
    for name in ("messages acknowledged", "connections made", "starts of servers"):
        table.add_row(name, *(f"{report.facts.get(name, 0):,}" for report in reports))
    table.add_row("seed", *(str(report.plan.seed) for report in reports))
    console.print(table)


def _facts(stage: Stage, stored: Stored) -> dict[str, int]:
    witnesses = [person.witness for person in stage.people]
    receipts = [receipt for witness in witnesses for receipt in witness.receipts]
    refusals: Counter[str] = Counter()
    for person in stage.people:
        refusals.update(f"messages refused: {code}" for code in person.witness.refused.values())
        refusals.update({f"refused for now: {code}": count for code, count in person.refused_for_now.items()})
        refusals.update({f"other frames refused: {code}": count for code, count in person.refused_frames.items()})
    return {
        "messages sent": sum(person.said for person in stage.people),
        "messages acknowledged": len({(r.conversation_id, r.client_msg_id) for r in receipts}),
        "messages stored": sum(line.is_message for log in stored.log.values() for line in log),
        "acknowledged again after a reconnect": len(
            {(r.conversation_id, r.client_msg_id) for r in receipts if r.duplicate}
        ),
        "events stored": sum(len(log) for log in stored.log.values()),
        "events seen by live clients": sum(len(view) for t in witnesses for view in t.views.values()),
        "events read on the wire": sum(gate.record.events for gate in stage.gates),
        "connections made": sum(person.connections for person in stage.people),
        "connections cut by us": sum(gate.cuts for gate in stage.gates),
        "clients restarted": sum(person.restarts for person in stage.people),
        "membership changes": sum(churn.changes for churn in stage.churns),
        "starts of servers": sum(node.starts for node in stage.nodes),
        **dict(sorted(stage.counts.items())),
        **dict(sorted(refusals.items())),
    }
