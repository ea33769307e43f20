"""What a restored office says of the restore it comes from: which backup, who, and where what was there before is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.types import instant_text, parse_instant
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records.office_service import save_settings

RESTORED = "restored"
"""The setting of the office that says which backup it was restored from, and where the way back is."""


@dataclass(frozen=True)
class WayBack:
    """What an office says of the restore it comes from.

    Attributes:
        made: when the backup was made; ``at`` when it was restored, ``by`` whom.
        copy: the backup of what was there before; "" where that was too damaged for one.
        aside: the damaged file itself, where it was kept instead.
        upgraded: whether the backup was of an older version, brought to the present one while it was restored.
        checked: whether the quick checks looked at it then, and ``problems`` what they found.
        back: whether that restore was itself the way back of another one.
    """

    made: datetime
    at: datetime
    by: str
    copy: str
    aside: str = ""
    upgraded: bool = False
    checked: bool = False
    problems: tuple[str, ...] = ()
    back: bool = False

    @property
    def exists(self) -> bool:
        """Whether the copy is where it was written."""
        return bool(self.copy) and Path(self.copy).is_file()


def way_back(connection: sa.Connection) -> WayBack | None:
    """Where the way back is, where this office was restored from a backup."""
    table = Base.metadata.tables["office_setting"]
    value: Any = connection.execute(sa.select(table.c.value).where(table.c.key == RESTORED)).scalar()
    if not isinstance(value, dict) or not (value.get("copy") or value.get("aside")):
        return None
    with suppress(KeyError, ValueError, TypeError):
        made, at = parse_instant(value["made"]), parse_instant(value["at"])
        return WayBack(
            made, at, str(value.get("by") or ""), str(value.get("copy") or ""), str(value.get("aside") or ""),
            bool(value.get("upgraded")), bool(value.get("checked") or value.get("upgraded")),
            tuple(str(one) for one in value.get("problems") or ()), bool(value.get("back")),
        )  # fmt: skip
    return None


def note_way_back(restored: Database, note: dict[str, Any], actor: Actor) -> None:
    """Write into a restored office where it comes from, and where the way back is."""
    value = note | {"at": instant_text(clock.now())}
    with write(restored, N_("Restored from a backup"), actor=Actor(None, actor.name), kind="system") as uow:
        save_settings(uow, {RESTORED: value})
