"""An S3-compatible store over HTTP: PUT, ranged GET and DELETE of one object, signed by AWS signature version 4."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx

from messaging_core.errors import StorageUnavailable
from messaging_core.media.blobs import check_key

_EMPTY = hashlib.sha256(b"").hexdigest()


class S3Blobs:
    """Objects of one bucket, addressed by path (`endpoint/bucket/key`), which every compatible store understands."""

    def __init__(
        self,
        *,
        endpoint: str,
        bucket: str,
        prefix: str,
        region: str,
        access_key: str,
        secret_key: str,
        timeout_s: float,
    ) -> None:
        self._endpoint, self._bucket, self._prefix = endpoint.rstrip("/"), bucket, prefix
        self._region, self._access_key, self._secret_key = region, access_key, secret_key
        self._host = urlsplit(endpoint).netloc
        self._client = httpx.AsyncClient(timeout=timeout_s, trust_env=False, verify=endpoint.startswith("https:"))

    async def put(self, key: str, data: bytes | Path) -> None:
        """See Blobs.put."""
        content = data if isinstance(data, bytes) else await asyncio.to_thread(data.read_bytes)
        answer = await self._ask("PUT", key, content=content)
        if answer.status_code != 200:
            raise StorageUnavailable(f"the object store answered {answer.status_code} to a PUT")

    async def read(self, key: str, *, start: int, size: int) -> AsyncIterator[bytes]:
        """See Blobs.read."""
        if size <= 0:
            return
        extra = {"range": f"bytes={start}-{start + size - 1}"}
        request = self._client.build_request("GET", self._url(key), headers={**self._sign("GET", key, _EMPTY), **extra})
        try:
            answer = await self._client.send(request, stream=True)
            try:
                if answer.status_code == 404:
                    raise FileNotFoundError(key)
                if answer.status_code not in (200, 206):
                    raise StorageUnavailable(f"the object store answered {answer.status_code} to a GET")
                async for part in answer.aiter_bytes():
                    yield part
            finally:
                await answer.aclose()
        except httpx.HTTPError as error:
            raise StorageUnavailable(f"the object store: {error!r}") from error

    async def delete(self, key: str) -> None:
        """See Blobs.delete."""
        answer = await self._ask("DELETE", key)
        if answer.status_code not in (200, 204, 404):
            raise StorageUnavailable(f"the object store answered {answer.status_code} to a DELETE")

    async def close(self) -> None:
        """See Blobs.close."""
        await self._client.aclose()

    async def _ask(self, method: str, key: str, *, content: bytes = b"") -> httpx.Response:
        digest = await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest())
        headers = self._sign(method, key, digest)
        try:
            return await self._client.request(method, self._url(key), content=content, headers=headers)
        except httpx.HTTPError as error:
            raise StorageUnavailable(f"the object store: {error!r}") from error

    def _path(self, key: str) -> str:
        parts = [self._bucket, self._prefix, check_key(key)]
        return "/" + quote("/".join(part for part in parts if part))

    def _url(self, key: str) -> str:
        return self._endpoint + self._path(key)

    def _sign(self, method: str, key: str, digest: str) -> dict[str, str]:
        return sign(
            method,
            self._path(key),
            host=self._host,
            digest=digest,
            at=datetime.now(UTC),
            region=self._region,
            access_key=self._access_key,
            secret_key=self._secret_key,
        )


def sign(
    method: str, path: str, *, host: str, digest: str, at: datetime, region: str, access_key: str, secret_key: str
) -> dict[str, str]:
    """Return the headers that sign a request without a query.

    `path` is quoted, `digest` the body's SHA-256 in hex. AWS General Reference, 'Signature Version 4 signing process'.
    """
    stamp, day = at.strftime("%Y%m%dT%H%M%SZ"), at.strftime("%Y%m%d")
    headers = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": stamp}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = "\n".join((method, path, "", lines, names, digest))
    scope = f"{day}/{region}/s3/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = f"AWS4{secret_key}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    credential = f"Credential={access_key}/{scope}"
    return {**headers, "authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}"}
