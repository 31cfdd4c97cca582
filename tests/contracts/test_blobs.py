"""Every store of bytes keeps the same promises; the S3-compatible one is tried over HTTP against `s3rver`.

s3rver is an npm package (`npm install --global s3rver`, or KEFU_TEST_S3RVER names it); else that half is skipped.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from messaging_core.errors import StorageUnavailable
from messaging_core.media.blobs import Blobs, FolderBlobs, check_key
from messaging_core.media.s3 import S3Blobs, sign

_BUCKET = "kefu"


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running s3rver."""
    program = os.environ.get("KEFU_TEST_S3RVER") or shutil.which("s3rver")
    if program is None or shutil.which("node") is None:
        pytest.skip("the S3-compatible store needs node and the npm package s3rver")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("s3")
    command = [
        program,
        "-d",
        str(folder),
        "-a",
        "127.0.0.1",
        "-p",
        str(port),
        "--configure-bucket",
        _BUCKET,
        "--silent",
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            assert time.monotonic() < deadline and server.poll() is None, "s3rver did not start"
            time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(10)


def _open_s3(endpoint: str, *, access_key: str = "S3RVER") -> S3Blobs:
    return S3Blobs(
        endpoint=endpoint,
        bucket=_BUCKET,
        prefix="media",
        region="us-east-1",
        access_key=access_key,
        secret_key="S3RVER",
        timeout_s=20.0,
    )


@pytest_asyncio.fixture(params=["folder", "s3"])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Blobs]:
    store: Blobs = (
        FolderBlobs(tmp_path / "blobs") if request.param == "folder" else _open_s3(request.getfixturevalue("s3"))
    )
    yield store
    await store.close()


async def read(store: Blobs, key: str, start: int, size: int) -> bytes:
    return b"".join([part async for part in store.read(key, start=start, size=size)])


async def test_what_was_put_is_read_whole_and_in_parts(blobs: Blobs, tmp_path: Path) -> None:
    data = bytes(range(256)) * 4000
    await blobs.put("aa/small-1", data[:1000])
    (tmp_path / "file").write_bytes(data)
    await blobs.put("aa/large-1", tmp_path / "file")
    assert await read(blobs, "aa/small-1", 0, 1000) == data[:1000]
    assert await read(blobs, "aa/large-1", 0, len(data)) == data
    assert await read(blobs, "aa/large-1", 300_001, 17) == data[300_001:300_018]


async def test_putting_again_replaces_and_deleting_again_is_no_error(blobs: Blobs) -> None:
    await blobs.put("bb/x-1", b"one")
    await blobs.put("bb/x-1", b"three")
    assert await read(blobs, "bb/x-1", 0, 5) == b"three"
    for _ in range(2):
        await blobs.delete("bb/x-1")
    with pytest.raises(FileNotFoundError):
        await read(blobs, "bb/x-1", 0, 1)


async def test_a_key_that_the_store_does_not_know_is_told_as_a_store_that_is_not_there(s3: str) -> None:
    # s3rver does not compute signatures of version 4; the known answer below stands in for that.
    store = _open_s3(s3, access_key="WRONG")
    with pytest.raises(StorageUnavailable):
        await store.put("cc/x-1", b"data")
    await store.close()


async def test_a_store_that_is_away_is_no_bug() -> None:
    store = _open_s3("http://127.0.0.1:9")
    with pytest.raises(StorageUnavailable):
        await store.put("cc/x-1", b"data")
    with pytest.raises(StorageUnavailable):
        await read(store, "cc/x-1", 0, 1)
    await store.close()


@pytest.mark.parametrize(
    "key", ["", "/a", "a//b", "../a", "a/../b", "a/./b", "a/.b", "A", "a b", "a\n", "a\\b", "a" * 201]
)
def test_a_key_cannot_leave_its_folder(key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        check_key(key)


def test_a_request_is_signed_as_the_specification_says() -> None:
    # Computed with botocore 1.43 (S3SigV4Auth) for the same request.
    headers = sign(
        "GET",
        "/examplebucket/test.txt",
        host="s3.amazonaws.com",
        digest="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        at=datetime(2013, 5, 24, tzinfo=UTC),
        region="us-east-1",
        access_key="AKIAIOSFODNN7EXAMPLE",
        secret_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    )
    assert headers["x-amz-date"] == "20130524T000000Z"
    assert headers["authorization"].endswith(
        "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
        "Signature=0fcb291c4b47980ad34dd9a29532ceae67b48e45de3d6054873b430740567ec2"
    )
