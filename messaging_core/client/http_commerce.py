"""The HTTP calls about money: red packets and one's wallet. All amounts are in fen."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from .http_transport import HttpTransport


class PacketShare(Struct, frozen=True, kw_only=True, gc=False):
    """Who has opened a red packet; the amount once the reader may see it."""

    account_id: str
    name: str
    at: datetime
    amount_fen: int | None = None


class RedPacket(Struct, frozen=True, kw_only=True):
    """A red packet: `state` is `open`, `emptied` or `refunded`, `mine_fen` the reader's own share."""

    id: str
    conversation_id: str
    sender_id: str
    split: str
    note: str
    total_fen: int
    shares: int
    remaining_shares: int
    state: str
    created_at: datetime
    expires_at: datetime
    mine_fen: int | None = None
    opened: list[PacketShare] = []


class SentPacket(Struct, frozen=True, kw_only=True):
    """A red packet and its message."""

    packet: RedPacket
    message_id: str
    seq: int
    duplicate: bool = False


class OpenedPacket(Struct, frozen=True, kw_only=True):
    """One's share of a red packet."""

    amount_fen: int
    packet: RedPacket


class WalletEntry(Struct, frozen=True, kw_only=True, gc=False):
    """What moved; a negative amount was paid."""

    id: str
    amount_fen: int
    kind: str
    at: datetime
    packet_id: str | None = None


class Wallet(Struct, frozen=True, kw_only=True):
    """What one has, and a page of what moved, newest first."""

    balance_fen: int
    items: list[WalletEntry]
    next_cursor: str | None = None


class _PacketBox(Struct):
    packet: RedPacket


class _Balance(Struct):
    balance_fen: int


class CommerceCalls:
    """A part of HttpApi."""

    __slots__ = ()
    _http: HttpTransport

    async def send_packet(
        self,
        conversation_id: str,
        *,
        client_msg_id: str,
        total_fen: int,
        shares: int = 1,
        split: str = "random",
        note: str = "",
    ) -> SentPacket:
        """Send a red packet, split `equal` or `random`; the same `client_msg_id` sends and pays once."""
        body = {
            "client_msg_id": client_msg_id,
            "total_fen": total_fen,
            "shares": shares,
            "split": split,
            "note": note,
        }
        path = f"/v1/conversations/{conversation_id}/red-packets"
        return await self._http.request(SentPacket, "POST", path, body=body)

    async def packet(self, packet_id: str) -> RedPacket:
        """Return a red packet and who has opened it."""
        return (await self._http.request(_PacketBox, "GET", f"/v1/red-packets/{packet_id}")).packet

    async def open_packet(self, packet_id: str) -> OpenedPacket:
        """Open a red packet; opening it again shows the same share."""
        return await self._http.request(OpenedPacket, "POST", f"/v1/red-packets/{packet_id}/open")

    async def wallet(self, *, limit: int | None = None, cursor: str | None = None) -> Wallet:
        """Return one's balance and a page of what moved."""
        return await self._http.request(Wallet, "GET", "/v1/wallet", query={"limit": limit, "cursor": cursor})

    async def top_up(self, account_id: str, amount_fen: int, *, idempotency_key: str | None = None) -> int:
        """Pay money into a person's wallet, once for each key, and return what it holds now. The operator's right."""
        path, body = "/v1/operator/wallets/top-up", {"account_id": account_id, "amount_fen": amount_fen}
        answer = await self._http.request(_Balance, "POST", path, body=body, idempotency_key=idempotency_key)
        return answer.balance_fen
