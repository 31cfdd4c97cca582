"""The receiving end of a webhook: whether a request is the messenger's, fresh, and not one that came before."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from .errors import ClientError
from .frames import Event, decode_frame

SIGNATURE = "Kefu-Signature"


class WebhookRefused(ClientError):
    """A request that is not the messenger's, or is too old; answer 401 and do nothing."""


class WebhookReceiver:
    """Reads the requests of one webhook; for any server: it takes headers and body, and knows no framework.

    Args:
        secret: what the webhook's creation has shown.
        tolerance_s: seconds that a request may be old, or ahead of this clock.
        remember: how many events are known to be done; a retry of an older one would be done again.
        now: seconds since 1970.
    """

    def __init__(
        self, secret: str, *, tolerance_s: int = 300, remember: int = 10_000, now: Callable[[], float] = time.time
    ) -> None:
        self._secret = secret.encode()
        self._tolerance_s = tolerance_s
        self._remember = remember
        self._now = now
        self._done: OrderedDict[tuple[str, int], None] = OrderedDict()

    def read(self, headers: Mapping[str, str], body: bytes) -> Event:
        """Return the event of a request; raise WebhookRefused for a wrong signature or a stale one.

        What is signed is the time and the body: `Kefu-Delivery` is not, so nothing here trusts it.
        """
        given = next((value for name, value in headers.items() if name.lower() == SIGNATURE.lower()), "")
        at, _, mac = given.removeprefix("t=").partition(",v1=")
        if not (at.isascii() and at.isdecimal() and len(at) < 16):
            raise WebhookRefused("the request has no signature")
        expected = hmac.new(self._secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), mac.encode("utf-8", "surrogatepass")):
            raise WebhookRefused("the signature is wrong")
        if abs(self._now() - int(at)) > self._tolerance_s:
            raise WebhookRefused("the request is stale")
        event = decode_frame(body)
        if not isinstance(event, Event):
            raise WebhookRefused("the body is no event")
        return event

    def has_done(self, event: Event) -> bool:
        """Return whether an event was done already: the request is a retry or a replay. Answer 200 and do nothing."""
        return (event.conversation_id, event.seq) in self._done

    def done(self, event: Event) -> None:
        """Note that an event is done. Say it after the work: what fails before it comes again."""
        self._done[event.conversation_id, event.seq] = None
        while len(self._done) > self._remember:
            self._done.popitem(last=False)
