"""The bytes of uploads on one node: parts come in, are put together and measured in a thread, and go out again."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection

from messaging_core.errors import CoreError, StorageUnavailable, not_found
from messaging_core.identity.policy import Actor
from messaging_core.kernel.schema import AnyRow
from messaging_core.kernel.unit import Unit
from messaging_core.media import actions, store
from messaging_core.media.blobs import open_blobs
from messaging_core.media.measure import check_bytes
from messaging_core.media.policy import Reader, reader_of

if TYPE_CHECKING:
    from messaging_core.core import Core

log = structlog.get_logger("kefu.media")
_EMPTY_AT_ONCE = 100


class Keeper:
    """Uploads of this node; whatever it has taken, any other node can finish and serve."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._rules = core.settings.media
        self._blobs = open_blobs(self._rules, folder=core.settings.data / "media")
        self._room = asyncio.Semaphore(max(1, self._rules.checks_at_once))
        self._secret = b""

    async def start(self) -> None:
        """Take the secret that signs addresses, and have the clean-up done from now on."""
        self._secret = await self._core.run(actions.start)

    async def close(self) -> None:
        """Let go of the store."""
        await self._blobs.close()

    async def take_part(self, actor: Actor, *, media_id: int, start: int, data: bytes) -> store.MediaRow:
        """Keep a part; the last one has the whole measured, and its refusal is raised.

        A part that came before changes nothing and is answered the same, so that every request can be repeated.
        """
        core = self._core
        wanted = await core.run(lambda unit: actions.check_part(unit, actor, media_id=media_id, start=start, data=data))
        if wanted:
            key = f"parts/{media_id}/{start}-{secrets.token_hex(4)}"
            await self._blobs.put(key, data)
            try:
                await core.run(
                    lambda unit: actions.add_part(unit, actor, media_id=media_id, start=start, data=data, key=key)
                )
            except CoreError:
                await self._blobs.delete(key)
                raise
        row = await core.read(lambda connection: actions.get_own(connection, actor, media_id))
        if row.state == "uploading" and row.received == row.bytes:
            await self._finish(row)
            row = await core.read(lambda connection: actions.get_own(connection, actor, media_id))
        return row

    async def _finish(self, row: store.MediaRow) -> None:
        core, settings = self._core, self._core.settings
        parts = await core.read(lambda connection: store.list_parts(connection, row.id))
        async with self._room:
            with tempfile.TemporaryDirectory(prefix="kefu-upload-") as folder:
                staged = Path(folder) / "staged"
                try:
                    await self._put_together(parts, staged)
                    checked = await asyncio.to_thread(
                        check_bytes, staged, use=row.use, video_ms=settings.limits.video_ms, rules=self._rules
                    )
                except FileNotFoundError:
                    return  # another request has finished it meanwhile and thrown the parts away
                except CoreError as refusal:
                    if refusal.code == "upload_refused":
                        reason = str(refusal.data["reason"])
                        await core.run(lambda unit: actions.refuse(unit, media_id=row.id, reason=reason))
                        await self.empty_trash()
                    raise
                key = f"{checked.sha256[:2]}/{checked.sha256}-{row.id}"
                thumb_key = f"{key}-thumb" if checked.thumbnail is not None else None
                await self._blobs.put(key, staged)
                if thumb_key is not None and checked.thumbnail is not None:
                    await self._blobs.put(thumb_key, checked.thumbnail)
        await core.run(
            lambda unit: actions.finish(unit, media_id=row.id, checked=checked, key=key, thumb_key=thumb_key)
        )
        await self.empty_trash()

    async def _put_together(self, parts: list[AnyRow], staged: Path) -> None:
        file = await asyncio.to_thread(staged.open, "wb")
        with file:
            for part in parts:
                async for piece in self._blobs.read(part.key, start=0, size=part.bytes):
                    await asyncio.to_thread(file.write, piece)

    def read(self, key: str, *, start: int, size: int) -> AsyncIterator[bytes]:
        """Return bytes that are kept."""
        return self._blobs.read(key, start=start, size=size)

    def link(self, media_id: int, reader: Reader) -> tuple[str, int]:
        """Return (path with ticket, time it ends in microseconds)."""
        expires_s = self._core.clock.now_us() // 1_000_000 + self._rules.link_expires_s
        ticket = actions.sign_link(self._secret, media_id=media_id, reader=reader, expires_s=expires_s)
        return f"/v1/media/{media_id}?ticket={ticket}", expires_s * 1_000_000

    async def find(self, media_id: int, *, actor: Actor | None, ticket: str | None) -> store.MediaRow:
        """Return an upload that this actor, or who has this ticket, may load now; refuse everybody else."""
        if ticket is not None:
            now_us = self._core.clock.now_us()
            reader = actions.check_link(self._secret, ticket, media_id=media_id, now_us=now_us)
        elif actor is not None:
            reader = reader_of(actor)
        else:
            raise CoreError("unauthenticated")
        rows = await self._core.read(lambda connection: self._list(connection, [media_id], reader))
        if not rows:
            raise not_found("upload")
        return rows[0]

    @staticmethod
    def _list(connection: Connection, media_ids: list[int], reader: Reader) -> list[store.MediaRow]:
        return store.list_readable(connection, media_ids, reader)

    async def clean(self) -> None:
        """Forget what expired, and delete its bytes."""
        await self._core.run(actions.clean)
        await self.empty_trash()

    def clean_job(self, unit: Unit, _job: object) -> None:
        """Do the timed clean-up; the bytes go after its commit."""
        actions.clean(unit)
        unit.on_commit.append(lambda: self._core.spawn(self.empty_trash(), name="media-trash"))

    async def empty_trash(self) -> None:
        """Delete the bytes that nobody needs. What a crash leaves is deleted by the next clean-up."""
        while keys := await self._core.read(lambda c: store.list_trash(c, limit=_EMPTY_AT_ONCE)):
            try:
                for key in keys:
                    await self._blobs.delete(key)
            except (OSError, StorageUnavailable) as error:
                log.warning("media.not_deleted", error=repr(error))
                return
            await self._core.run(lambda unit, gone=tuple(keys): store.delete_trash(unit.connection, gone))  # type: ignore[misc]
