"""Logs hold no secrets, whatever they are called and wherever they stand."""

from __future__ import annotations

import pytest

from messaging_core.identity.policy import hash_secret, new_secret
from messaging_core.kernel.log import redact


@pytest.mark.parametrize("key", ["token", "authorization", "webhook_secret", "password", "Cookie"])
def test_values_under_secret_names_are_hidden(key: str) -> None:
    assert redact(None, "info", {key: "abc", "event": "x"})[key] == "[secret]"


def test_a_token_is_hidden_wherever_it_stands() -> None:
    secret = new_secret("personal")
    line = redact(None, "info", {"event": f"GET /?t={secret} failed", "error": f"Bearer {secret}"})
    assert secret not in str(line)
    assert "[secret]" in line["event"]


def test_what_is_no_secret_stays() -> None:
    assert redact(None, "info", {"event": "started", "port": 8800}) == {"event": "started", "port": 8800}


def test_only_the_hash_of_a_token_can_be_stored() -> None:
    secret = new_secret("bot")
    assert secret not in hash_secret(secret)
    assert hash_secret(secret) == hash_secret(secret)
    assert new_secret("bot") != secret
