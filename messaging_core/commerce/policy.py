"""The rules of red packets: pure, in integer fen."""

from __future__ import annotations

import random
from typing import Literal

from messaging_core.errors import CoreError, invalid
from messaging_core.settings import RedPackets

Split = Literal["equal", "random"]


def check_packet(*, total_fen: int, shares: int, split: Split, direct: bool, rules: RedPackets) -> None:
    """Refuse a packet whose shares cannot all lie between the smallest and the largest share.

    An equal split must come out even. Between two people there is one share.
    """
    most = 1 if direct else rules.shares
    if not 1 <= shares <= most:
        raise invalid("too_big" if shares > most else "too_small", "body.shares", limit=most if shares > most else 1)
    if total_fen < shares * rules.share_min_fen:
        raise invalid("too_small", "body.total_fen", limit=shares * rules.share_min_fen)
    if total_fen > shares * rules.share_max_fen:
        raise invalid("too_big", "body.total_fen", limit=shares * rules.share_max_fen)
    if split == "equal" and total_fen % shares:
        raise invalid("uneven", "body.total_fen", limit=shares)


def draw_share(
    *, remaining_fen: int, remaining_shares: int, split: Split, rules: RedPackets, chance: random.Random
) -> int:
    """Return the next share in fen; what stays can always be split by the rules.

    Random shares are drawn evenly from the smallest share to twice the mean of what is left ("double mean"), so that
    the expected share is the same for everybody, whoever comes first.
    """
    if remaining_shares == 1:
        return remaining_fen
    if split == "equal":
        return remaining_fen // remaining_shares
    others = remaining_shares - 1
    least = max(rules.share_min_fen, remaining_fen - others * rules.share_max_fen)
    most = min(rules.share_max_fen, remaining_fen - others * rules.share_min_fen)
    return chance.randint(least, max(least, min(most, 2 * remaining_fen // remaining_shares - rules.share_min_fen)))


def check_open(*, state: str, remaining_shares: int, expires_at_us: int, now_us: int) -> None:
    """Refuse to open a packet that has run out of time or of shares."""
    if state == "refunded" or now_us >= expires_at_us:
        raise CoreError("packet_expired")
    if remaining_shares == 0:
        raise CoreError("packet_empty")
