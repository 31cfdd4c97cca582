"""The rules of card buttons: pure. A button is dead from its time on, and a form takes what its fields ask for."""

from __future__ import annotations

import re

from kefu.base.clock import format_time, parse_time
from messaging_core.errors import CoreError, invalid, not_found
from messaging_core.messages.kinds.card import Button, Card, Field, Form

_PHONE = re.compile(r"\+?[0-9][0-9 \-]{4,18}[0-9]\Z")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+\Z")
_MOST_CHARS = 200


def find_button(card: Card, key: str) -> Button:
    """Return a card's button."""
    button = next((one for one in card.buttons if one.key == key), None)
    if button is None:
        raise not_found("button")
    return button


def check_alive(button: Button, *, now_us: int) -> None:
    """Refuse a press from the button's time on."""
    if button.expires_at is not None and now_us >= parse_time(button.expires_at):
        raise CoreError("button_expired", expired_at=format_time(parse_time(button.expires_at)))


def check_answers(form: Form, answers: dict[str, str], *, consent: bool) -> dict[str, str]:
    """Return what is to be kept, by field; refuse without consent, and what is missing, unknown or no such thing."""
    if not consent:
        raise invalid("consent_needed", "body.consent")
    unknown = sorted(set(answers) - {field.key for field in form.fields})
    if unknown:
        raise invalid("wrong_form", f"body.answers.{unknown[0][:64]}")
    kept: dict[str, str] = {}
    for field in form.fields:
        text = answers.get(field.key, "").strip()
        if text:
            _check_answer(field, text)
            kept[field.key] = text
        elif field.required:
            raise invalid("missing", f"body.answers.{field.key}", label=field.label)
    return kept


def _check_answer(field: Field, text: str) -> None:
    place = f"body.answers.{field.key}"
    if len(text) > _MOST_CHARS:
        raise invalid("too_long", place, limit=_MOST_CHARS, label=field.label)
    if field.kind == "phone" and _PHONE.match(text) is None:
        raise invalid("wrong_form", place, label=field.label)
    if field.kind == "email" and _EMAIL.match(text) is None:
        raise invalid("wrong_form", place, label=field.label)
    if field.kind == "choice" and text not in field.options:
        raise invalid("wrong_choice", place, limit=", ".join(field.options), label=field.label)
