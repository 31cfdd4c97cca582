"""How cost grows: with the members of a group, and with the messages that are stored."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from eval.load.plan import STORED, Plan, room
from eval.load.schedule import Job
from eval.load.server import Target
from eval.load.workloads import fan_out, fill, history, stored_sends

_PAGES = 40


def member_jobs(target: Target, plan: Plan, size: int) -> Iterator[Job]:
    """Yield the fan-out to a group of `size` members; the peers have fewer accounts."""
    if not target.ours and size > plan.peer_users:
        return
    messages = max(plan.group_senders, plan.member_deliveries // size)
    work = partial(
        fan_out,
        target=target,
        room=room(size),
        members=size,
        messages=messages,
        senders=plan.group_senders,
        timeout_s=plan.timeout_s,
    )
    yield Job("fan_out", target, work)


def stored_fill_job(target: Target, plan: Plan, *, missing: int) -> Job:
    """Return the filling of the conversation that grows; its measure's `size` says how many it stored in its time."""
    work = partial(
        fill,
        target=target,
        room=STORED,
        messages=missing,
        senders=2,
        window=plan.fill_window,
        timeout_s=plan.fill_timeout_s,
    )
    return Job("fill", target, work)


def stored_jobs(target: Target, *, size: int) -> Iterator[Job]:
    """Yield what is measured with `size` messages stored: sends, the newest pages, pages from the middle."""
    yield Job("stored_messages", target, partial(stored_sends, target=target, room=STORED, size=size))
    for middle in (False, True):
        pages = partial(history, target=target, room=STORED, pages=_PAGES, size=size, middle=middle)
        yield Job("deep_history" if middle else "history", target, pages)
