"""The communities of an enterprise: for pages in this process, under the rights of who looks."""

from __future__ import annotations

from dataclasses import dataclass

from messaging_core.conversations import groups_store
from messaging_core.conversations.actions import create_group
from messaging_core.identity.staff_book import StaffBook

_SHOWN = 100


@dataclass(slots=True, frozen=True)
class CommunityLine:
    """A community; `created_at` in microseconds UTC."""

    id: int
    title: str
    members: int
    owner: str
    created_at: int
    inside: bool
    """Whether who looks is a member."""


class Communities(StaffBook):
    """The communities; see StaffBook."""

    opened_by = "serve"

    @property
    def limit(self) -> int:
        """Return how many members a community may have."""
        return self._core.settings.groups.community_members

    async def lines(self) -> list[CommunityLine]:
        """Return the communities, newest first."""
        own = self._actor.account_id
        rows = await self._core.read(
            lambda c: groups_store.list_communities(c, self._enterprise_id, viewer_id=own, limit=_SHOWN)
        )
        return [
            CommunityLine(row.id, row.title, row.member_count, row.owner_name or "", row.created_at, bool(row.inside))
            for row in rows
        ]

    async def create(self, title: str) -> None:
        """Make a community, whose owner one is."""
        await self._core.run(
            lambda unit: create_group(unit, self._actor, title=title, member_ids=[], enterprise_id=self._enterprise_id)
        )
