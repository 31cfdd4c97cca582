"""The one way by which the server asks other machines: resolved once, checked, and asked at the checked address."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Unreachable(Exception):
    """The address is none, has no host, or leads inside (`inner`)."""

    def __init__(self, why: str, *, inner: bool = False) -> None:
        super().__init__(why)
        self.inner = inner


async def pin(url: str, *, allow_private: bool) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Resolve the host once, refuse inner addresses, and return a URL that goes to the address that was checked.

    The headers and extensions belong to the httpx request: they carry the host's name, for the other side and for TLS.
    A second answer of the name server (DNS rebinding) is never asked for.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise Unreachable("不是网址 · not an address") from error
    if parts.scheme not in ("http", "https") or not host:
        raise Unreachable("不是网址 · not an address")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"找不到主机 · host not found: {error}") from error
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    if not allow_private and not all(is_public(address) for address in addresses):
        raise Unreachable("主机是内网地址 · the host has an inner address", inner=True)
    chosen = addresses[0]
    netloc = f"[{chosen}]:{port}" if chosen.version == 6 else f"{chosen}:{port}"
    return (
        parts._replace(netloc=netloc).geturl(),
        {"Host": parts.netloc.rpartition("@")[2]},
        {"sni_hostname": host},
    )


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Return whether an address is one machine on the public net; an IPv4 address inside an IPv6 one counts too."""
    inside = None
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    found = inside or address
    return found.is_global and not found.is_multicast
