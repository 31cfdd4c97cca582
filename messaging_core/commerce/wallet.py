"""Moving money: two entries a transfer, both or none; balances are the sums of their entries."""

from __future__ import annotations

from messaging_core.commerce import store
from messaging_core.errors import CoreError, not_found
from messaging_core.identity import store as identity
from messaging_core.identity.policy import Actor, check_operator
from messaging_core.kernel.unit import Unit


def transfer(unit: Unit, *, from_id: int, to_id: int, amount_fen: int, kind: str, packet_id: int | None = None) -> None:
    """Move `amount_fen` (> 0) from one wallet to another; refuse when the first holds less."""
    connection = unit.connection
    store.open_wallets(connection, [from_id, to_id])
    # In id order, as everywhere: two transfers the opposite ways must not wait for each other.
    for wallet_id, amount in sorted(((from_id, -amount_fen), (to_id, amount_fen))):
        if not store.add_to_wallet(connection, wallet_id, amount):
            have = store.balance_of(connection, from_id)
            shown = {"have": f"{have / 100:.2f}", "need": f"{amount_fen / 100:.2f}"}
            raise CoreError("insufficient_balance", limit=have, used=amount_fen, **shown)
    shared = {"kind": kind, "packet_id": packet_id, "at": unit.now_us}
    store.insert_ledger(
        connection,
        [
            {"id": unit.new_id(), "wallet_id": from_id, "other_id": to_id, "amount_fen": -amount_fen, **shared},
            {"id": unit.new_id(), "wallet_id": to_id, "other_id": from_id, "amount_fen": amount_fen, **shared},
        ],
    )


def top_up(unit: Unit, actor: Actor | None, *, account_id: int, amount_fen: int) -> None:
    """Pay money from outside into a person's wallet; the operator's act (None: the program's own)."""
    if actor is not None:
        check_operator(actor)
    account = identity.find_account(unit.connection, account_id)
    if account is None or account.kind != "personal":
        raise not_found("account")
    transfer(unit, from_id=store.OUTSIDE, to_id=account_id, amount_fen=amount_fen, kind="top_up")
