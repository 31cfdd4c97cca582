"""Who is online: here, or on another node not long ago. Kept in memory; it may be late, never wrong for long."""

from __future__ import annotations

import msgspec

from kefu.base.clock import SECOND_US, Clock, format_time
from messaging_core.delivery.hub import Hub
from messaging_core.delivery.link import Link
from messaging_core.kernel.broker import Broker, InProcessBroker


class _News(msgspec.Struct, array_like=True):
    node: int
    online: list[int]
    offline: list[int]


class Presence:
    """Presence of accounts over all nodes, and the links that watch it.

    Args:
        ttl_s: seconds after which an account on another node counts as gone unless heard of again.
    """

    def __init__(self, *, hub: Hub, broker: Broker, clock: Clock, node: int, ttl_s: float) -> None:
        self._hub = hub
        self._broker = broker
        self._alone = isinstance(broker, InProcessBroker)
        self._clock = clock
        self._node = node
        self._ttl_us = round(ttl_s * SECOND_US)
        self._elsewhere: dict[int, dict[int, int]] = {}
        self._watchers: dict[int, set[Link]] = {}
        hub.on_presence = self._changed_here
        broker.subscribe("presence", self._heard)

    def is_online(self, account_id: int) -> bool:
        """Return whether an account has a live link on any node."""
        if account_id in self._hub.links:
            return True
        now_us = self._clock.now_us()
        return any(until > now_us for until in self._elsewhere.get(account_id, {}).values())

    def watch(self, link: Link, account_ids: list[int]) -> None:
        """Replace what a link watches and tell it the present state; rights are checked before."""
        self.forget(link)
        link.watched = tuple(account_ids)
        for account_id in account_ids:
            self._watchers.setdefault(account_id, set()).add(link)
        if account_ids:
            link.push_frames([self._frame(account_id) for account_id in account_ids])

    def forget(self, link: Link) -> None:
        """Stop telling a link."""
        for account_id in link.watched:
            watchers = self._watchers.get(account_id)
            if watchers is not None:
                watchers.discard(link)
                if not watchers:
                    del self._watchers[account_id]
        link.watched = ()

    def beat(self) -> None:
        """Tell the other nodes who is here, and forget those they have not told of; called by the sweep."""
        if self._alone:
            return
        self._tell(online=list(self._hub.links), offline=[])
        now_us = self._clock.now_us()
        for account_id in list(self._elsewhere):
            nodes = {node: until for node, until in self._elsewhere[account_id].items() if until > now_us}
            if nodes:
                self._elsewhere[account_id] = nodes
            else:
                del self._elsewhere[account_id]
                self._push(account_id)

    def _changed_here(self, account_id: int, online: bool) -> None:
        self._push(account_id)
        if not self._alone:
            self._tell(online=[account_id] if online else [], offline=[] if online else [account_id])

    def _tell(self, *, online: list[int], offline: list[int]) -> None:
        for start in range(0, max(len(online), len(offline)), 5000):
            news = _News(self._node, online[start : start + 5000], offline[start : start + 5000])
            self._broker.publish("presence", msgspec.json.encode(news))

    def _heard(self, payload: bytes) -> None:
        news = msgspec.json.decode(payload, type=_News)
        until = self._clock.now_us() + self._ttl_us
        for account_id in news.online:
            before = self.is_online(account_id)
            self._elsewhere.setdefault(account_id, {})[news.node] = until
            if not before:
                self._push(account_id)
        for account_id in news.offline:
            nodes = self._elsewhere.get(account_id)
            if nodes is not None and nodes.pop(news.node, None) is not None and not self.is_online(account_id):
                self._push(account_id)

    def _push(self, account_id: int) -> None:
        watchers = self._watchers.get(account_id)
        if watchers:
            frame = self._frame(account_id)
            for link in tuple(watchers):
                link.push_frames([frame])

    def _frame(self, account_id: int) -> bytes:
        at = format_time(self._clock.now_us())
        online = "true" if self.is_online(account_id) else "false"
        return f'{{"type":"presence","account_id":"{account_id}","online":{online},"at":"{at}"}}'.encode()
