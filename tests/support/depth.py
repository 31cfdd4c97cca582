"""How deep tests that draw their cases look: HYPOTHESIS_PROFILE.

Unset, `make test`: briefly and the same each time. `deep`, before a release: three times as long. `long`, `make
soak`: ninety times, at random. `long` and `shrink` make a failing story as short as they can.
"""

from __future__ import annotations

import os

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "")
AT_RANDOM = PROFILE == "long"
SHRINKS = PROFILE in ("long", "shrink")
TIMES = {"deep": 3, "long": 90}.get(PROFILE, 1)
