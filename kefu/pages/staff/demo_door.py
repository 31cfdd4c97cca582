"""The demo's staff: anybody may log in as one of them, so this exists in demo mode only."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.demo.people import STAFF, find_house
from kefu.pages.staff.house import DemoPerson
from messaging_core.api import Core, Unit, issue_token


class MoonTeaDoor:
    """Lets people in as Moon Tea's owner and agents."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def people(self) -> Sequence[DemoPerson]:
        """See DemoDoor.people."""
        return [DemoPerson(person.key, person.name, person.about) for person in STAFF]

    async def enter(self, key: str) -> str | None:
        """See DemoDoor.enter."""
        if key not in {person.key for person in STAFF}:
            return None

        def action(unit: Unit) -> str | None:
            house = find_house(unit)
            if house is None:
                return None
            return issue_token(
                unit, None, account_id=house.people[key], enterprise_id=house.enterprise_id, label="demo desk"
            ).secret

        return await self._core.run(action)
