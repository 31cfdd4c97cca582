"""The fixed cast: Lin the customer, Qiao the agent, Moon Tea the shop, Gray who has no business here."""

from __future__ import annotations

from dataclasses import dataclass

from messaging_core.api import (
    Actor,
    Core,
    Unit,
    accept_terms,
    create_account,
    create_enterprise,
    issue_token,
    put_staff,
    set_bot,
)


@dataclass(slots=True, frozen=True)
class Cast:
    """Actors and tokens, by name."""

    actors: dict[str, Actor]
    tokens: dict[str, str]
    enterprise_id: int

    def __getitem__(self, name: str) -> Actor:
        return self.actors[name]

    def id(self, name: str) -> int:
        """Return an account's id."""
        return self.actors[name].account_id

    def auth(self, name: str) -> dict[str, str]:
        """Return the HTTP header that says who asks."""
        return {"Authorization": f"Bearer {self.tokens[name]}"}


async def make_cast(core: Core, *, with_bot: bool = True) -> Cast:
    """Make lin, mi, gray (personal), qiao, zhou (agents), boss (owner), bot and operator."""

    def action(unit: Unit) -> Cast:
        actors: dict[str, Actor] = {}
        tokens: dict[str, str] = {}
        enterprise = create_enterprise(unit, None, name="月茶", verified=True)
        accept_terms(unit, None, enterprise_id=enterprise)

        def add(name: str, shown: str, *, role: str | None = None, kind: str = "personal") -> None:
            own = enterprise if kind == "bot" else None
            account_id = create_account(unit, None, name=shown, kind=kind, enterprise_id=own)  # type: ignore[arg-type]
            if role is not None:
                put_staff(unit, None, enterprise_id=enterprise, account_id=account_id, role=role)  # type: ignore[arg-type]
            scopes = ("chat", "operator") if kind == "system" else ("chat",)
            issued = issue_token(
                unit,
                None,
                account_id=account_id,
                enterprise_id=enterprise if role is not None or kind == "bot" else None,
                scopes=scopes,
            )
            tokens[name] = issued.secret
            actors[name] = Actor(
                account_id=account_id,
                kind=kind,  # type: ignore[arg-type]
                name=shown,
                enterprise_id=enterprise if role is not None or kind == "bot" else None,
                staff_role=role,  # type: ignore[arg-type]
                scopes=frozenset(scopes),
                token_id=issued.id,
            )

        add("lin", "林小姐")
        add("mi", "小米")
        add("gray", "灰先生")
        add("qiao", "老乔", role="agent")
        add("zhou", "小周", role="agent")
        add("boss", "月茶掌柜", role="owner")
        add("bot", "月茶小助手", kind="bot")
        add("operator", "平台运营", kind="system")
        if with_bot:
            set_bot(unit, None, enterprise_id=enterprise, bot_account_id=actors["bot"].account_id)
        return Cast(actors, tokens, enterprise)

    return await core.run(action)
