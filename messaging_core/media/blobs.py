"""Where bytes are kept: one small port, a folder or an S3-compatible store behind it. No key is a client's."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from kefu.base.errors import ConfigError
from messaging_core.settings import Media

_KEY = re.compile(r"[a-z0-9]+(?:[/.\-][a-z0-9]+)*\Z")
_PART = 1 << 18


class Blobs(Protocol):
    """Keeps bytes under keys. All raise StorageUnavailable when the store does not answer."""

    async def put(self, key: str, data: bytes | Path) -> None:
        """Keep bytes, or a file's, under a key, replacing what is there; all of it or nothing."""

    def read(self, key: str, *, start: int, size: int) -> AsyncIterator[bytes]:
        """Return `size` bytes from `start` on, in parts; FileNotFoundError when there is nothing under the key."""

    async def delete(self, key: str) -> None:
        """Forget a key; one that is not there is no error."""

    async def close(self) -> None:
        """Let go of connections."""


class FolderBlobs:
    """Files below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, data: bytes | Path) -> None:
        """See Blobs.put."""
        await asyncio.to_thread(self._put, self._path(key), data)

    async def read(self, key: str, *, start: int, size: int) -> AsyncIterator[bytes]:
        """See Blobs.read."""
        file = await asyncio.to_thread(self._path(key).open, "rb")
        try:
            await asyncio.to_thread(file.seek, start)
            while size > 0:
                part = await asyncio.to_thread(file.read, min(size, _PART))
                if not part:
                    return
                size -= len(part)
                yield part
        finally:
            file.close()

    async def delete(self, key: str) -> None:
        """See Blobs.delete."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    async def close(self) -> None:
        """See Blobs.close."""

    def _path(self, key: str) -> Path:
        return self._folder / check_key(key)

    @staticmethod
    def _put(path: Path, data: bytes | Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written beside and renamed: whoever reads meanwhile sees the old file or the new one, never half of it.
        beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            with beside.open("wb") as file:
                if isinstance(data, bytes):
                    file.write(data)
                else:
                    with data.open("rb") as source:
                        while part := source.read(_PART):
                            file.write(part)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


def check_key(key: str) -> str:
    """Return a key that cannot leave the folder; ValueError for any other. Keys are made here, so that is a bug."""
    if _KEY.match(key) is None or len(key) > 200:
        raise ValueError(f"not a key: {key!r}")
    return key


def open_blobs(rules: Media, *, folder: Path) -> Blobs:
    """Return the store that the settings name; `folder` is where a workspace keeps files."""
    if not rules.store:
        return FolderBlobs(folder)
    from messaging_core.media.s3 import S3Blobs

    parts = urlsplit(rules.store)
    if parts.scheme != "s3" or not parts.netloc or not rules.s3_endpoint:
        raise ConfigError(
            "KEFU_MEDIA__STORE: 写成 s3://桶/前缀，并设 KEFU_MEDIA__S3_ENDPOINT · must be s3://bucket/prefix"
        )
    return S3Blobs(
        endpoint=rules.s3_endpoint,
        bucket=parts.netloc,
        prefix=parts.path.strip("/"),
        region=rules.s3_region,
        access_key=rules.s3_access_key,
        secret_key=rules.s3_secret_key.get_secret_value(),
        timeout_s=rules.s3_timeout_s,
    )
