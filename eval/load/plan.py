"""How much of everything: the full run and the quick one."""

from __future__ import annotations

import msgspec

# The groups that are seeded, by name; growth has one room a size.
GROUP = "g"
STORED = "stored"
_GROUP_SIZE = 200
_STORED_MEMBERS = 2


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one run; times are upper bounds in seconds."""

    rounds: int = 3
    users: int = 2000
    peer_users: int = 1000
    talkers: int = 200
    talk_messages: int = 40
    pair_messages: int = 100
    group: int = _GROUP_SIZE
    group_messages: int = 200
    group_senders: int = 10
    lock_messages: int = 50
    history: int = 10_000
    pages: int = 200
    connections: tuple[int, ...] = (100, 1000, 5000)
    peer_connections: tuple[int, ...] = (100, 1000)
    member_steps: tuple[int, ...] = (10, 50, 200, 500, 2000)
    member_deliveries: int = 20_000
    stored_steps: tuple[int, ...] = (1000, 10_000, 100_000, 1_000_000)
    fill_window: int = 400
    fill_timeout_s: float = 120.0
    refusals: int = 400
    timeout_s: float = 60.0

    def rooms(self) -> dict[str, int]:
        """Return the groups to seed with their sizes."""
        grown = {room(size): size for size in self.member_steps}
        return {GROUP: self.group, STORED: _STORED_MEMBERS, **grown}


FULL = Plan()
QUICK = Plan(
    rounds=1,
    users=1000,
    talk_messages=15,
    pair_messages=50,
    group_messages=60,
    lock_messages=15,
    pages=60,
    connections=(1000,),
    peer_connections=(1000,),
    member_steps=(10, 1000),
    member_deliveries=5_000,
    stored_steps=(1000, 10_000),
    fill_timeout_s=20.0,
    refusals=100,
)


def room(size: int) -> str:
    """Return the name of the growth room with `size` members."""
    return f"m{size}"
