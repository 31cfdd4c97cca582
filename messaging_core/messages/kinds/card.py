"""A card with buttons: to open a page, say something or leave one's details; each may end at a time (限时福利)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from messaging_core.errors import CoreError, invalid
from messaging_core.messages.kinds.kind import kind
from messaging_core.messages.kinds.parts import Address, Key, Short, TimeText, check_address, check_time, lines
from messaging_core.settings import Limits

Label = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
Options = Annotated[tuple[Label, ...], msgspec.Meta(max_length=20)]


class Field(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a lead form; a `choice` names its options."""

    key: Key
    label: Label
    kind: Literal["text", "phone", "email", "choice"] = "text"
    required: bool = True
    options: Options = ()


class Form(msgspec.Struct, frozen=True):
    """A lead form (留资); who leaves his details agrees to `consent`, which says what they are for."""

    fields: Annotated[tuple[Field, ...], msgspec.Meta(min_length=1, max_length=10)]
    consent: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class Button(msgspec.Struct, frozen=True, omit_defaults=True):
    """One button: `open` has a `url`, `say` what a press says, `form` a form; dead from `expires_at` on."""

    key: Key
    label: Label
    act: Literal["open", "say", "form"]
    url: Address = ""
    say: Annotated[str, msgspec.Meta(max_length=200)] = ""
    form: Form | None = None
    expires_at: TimeText | None = None


class Card(msgspec.Struct, frozen=True, omit_defaults=True):
    """A title, a text and a picture above 1 to 4 buttons."""

    title: Short
    buttons: Annotated[tuple[Button, ...], msgspec.Meta(min_length=1, max_length=4)]
    text: str = ""
    image_url: Address = ""


def check(body: Card, limits: Limits) -> None:
    """Refuse a text that is too long, two buttons of one key, and buttons that lack what their act needs."""
    if len(body.text) > limits.text_chars:
        raise CoreError("message_too_long", limit=limits.text_chars, used=len(body.text))
    check_address(body.image_url, "body.image_url")
    if len({button.key for button in body.buttons}) < len(body.buttons):
        raise invalid("wrong_form", "body.buttons", hint="each key once")
    for place, button in enumerate(body.buttons):
        _check_button(button, f"body.buttons[{place}]")


def _check_button(button: Button, place: str) -> None:
    check_time(button.expires_at, f"{place}.expires_at")
    check_address(button.url, f"{place}.url")
    needed = {"open": bool(button.url), "say": bool(button.say.strip()), "form": button.form is not None}
    if not needed[button.act]:
        raise invalid("missing", f"{place}.{'url' if button.act == 'open' else button.act}")
    if button.form is not None:
        fields = button.form.fields
        if len({field.key for field in fields}) < len(fields):
            raise invalid("wrong_form", f"{place}.form.fields", hint="each key once")
        for field in fields:
            if (field.kind == "choice") != bool(field.options):
                raise invalid("wrong_form", f"{place}.form.fields", hint="options belong to the kind choice")


def words(body: Card) -> str:
    """Return all that the card, its buttons and its forms show."""
    shown = [body.title, body.text]
    for button in body.buttons:
        shown += [button.label, button.say]
        if button.form is not None:
            shown += [button.form.consent, *(field.label for field in button.form.fields)]
    return lines(*shown)


KIND = kind(Card, check=check, words=words, sent_by="enterprise")
