"""The roots of the error tree.

KefuError
├── ConfigError   stops the start; names file or key, and the cure
├── PluginError   a plug-in failed; retried, then parked where an operator sees it
└── CoreError     an expected refusal with a code (messaging_core.errors)
Anything else is a bug: an incident id outside, the details in the log.
"""

from __future__ import annotations


class KefuError(Exception):
    """Every error that this project raises on purpose."""


class ConfigError(KefuError):
    """A setting, file or environment that makes a start impossible; the text names the place and the cure."""


class PluginError(KefuError):
    """A plug-in could not do its work; it is retried and then parked."""
