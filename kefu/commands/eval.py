"""`kefu eval`, with the bots that this product can put under test."""

from __future__ import annotations

from eval.commands import make_app

app = make_app({"moon_tea": "kefu.under_test:moon_tea"})
