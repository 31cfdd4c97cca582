"""What pages in this process read and do for an enterprise: the head that all of them share."""

from __future__ import annotations

from typing import ClassVar

from messaging_core.core import Core
from messaging_core.identity.policy import Actor, check_right
from messaging_core.identity.roles import Right


class StaffBook:
    """One enterprise under the rights of who looks; everything raises CoreError where the actor may not.

    Who lacks the right that opens a book does not even get it.
    """

    opened_by: ClassVar[Right]

    def __init__(self, core: Core, actor: Actor) -> None:
        self._core = core
        self._actor = actor
        self._enterprise_id = actor.enterprise_id or 0
        check_right(actor, self.opened_by, self._enterprise_id)
