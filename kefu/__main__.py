"""`python -m kefu`."""

from kefu.cli import app

app()
