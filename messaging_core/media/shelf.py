"""An enterprise's emoji packs as one of its managers has them: for a page in this process, under his own rights."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from messaging_core.core import Core
from messaging_core.desk.agents import check_serves
from messaging_core.identity.policy import Actor
from messaging_core.media import actions, packs, packs_store
from messaging_core.media.policy import reader_of, refused


@dataclass(slots=True, frozen=True)
class Emoji:
    """One picture; `url` serves it for some minutes."""

    id: int
    name: str
    url: str


@dataclass(slots=True, frozen=True)
class Pack:
    """A pack; `state` is draft, in_review, approved or refused, `reason` why it was refused."""

    id: int
    name: str
    state: str
    reason: str
    emoji: tuple[Emoji, ...]


class EmojiShelf:
    """Everything raises CoreError where the actor may not, or the pack's state does not allow it."""

    def __init__(self, core: Core, actor: Actor) -> None:
        self._core = core
        self._actor = actor
        self._enterprise_id = check_serves(actor)
        self.limit = core.settings.media.pack_emoji

    async def list_packs(self) -> list[Pack]:
        """Return the enterprise's packs, newest first."""

        def query(connection: Connection) -> list[Pack]:
            rows = packs_store.list_packs(
                connection, enterprise_id=self._enterprise_id, state=None, before_id=2**62, limit=100
            )
            found = packs_store.list_emoji(connection, [row.id for row in rows])
            return [
                Pack(
                    row.id,
                    row.name,
                    row.state,
                    row.reason,
                    tuple(self._emoji(one) for one in found if one.pack_id == row.id),
                )
                for row in rows
            ]

        return await self._core.read(query)

    async def create(self, name: str) -> None:
        """Make an empty pack."""
        await self._core.run(lambda unit: packs.create_pack(unit, self._actor, name=name))

    async def add(self, pack_id: int, *, name: str, data: bytes) -> None:
        """Put a picture into a pack; `upload_refused` for one that is none, too large or of another kind."""
        core, actor = self._core, self._actor
        media_id = await core.run(lambda unit: actions.begin(unit, actor, use="emoji", size=len(data)))
        size = core.settings.media.part_bytes
        for start in range(0, len(data), size):
            row = await core.media.take_part(actor, media_id=media_id, start=start, data=data[start : start + size])
            if row.state == "refused":
                raise refused(row.reason, limit="")
        await core.run(lambda unit: packs.add_emoji(unit, actor, pack_id=pack_id, media_id=media_id, name=name))

    async def remove(self, pack_id: int, emoji_id: int) -> None:
        """Take a picture out of a pack."""
        await self._core.run(lambda unit: packs.remove_emoji(unit, self._actor, pack_id=pack_id, emoji_id=emoji_id))

    async def submit(self, pack_id: int) -> None:
        """Lay a pack before a reviewer."""
        await self._core.run(lambda unit: packs.submit(unit, self._actor, pack_id=pack_id))

    async def withdraw(self, pack_id: int) -> None:
        """Take a pack back, to change it."""
        await self._core.run(lambda unit: packs.withdraw(unit, self._actor, pack_id=pack_id))

    def _emoji(self, row: packs_store.PackRow) -> Emoji:
        return Emoji(row.id, row.name, self._core.media.link(row.media_id, reader_of(self._actor))[0])
