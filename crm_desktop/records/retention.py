"""How long the history is kept: what an owner can set, and from when on the history is whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.core.office_settings import NamedSetting, instant_words
from crm_desktop.core.refusals import NotAllowed
from crm_desktop.db.database import Database
from crm_desktop.db.journal import DELETIONS_BEGIN, EDITS_BEGIN, NOT_PLAIN, change_set
from crm_desktop.db.types import parse_instant
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records.office_service import read_settings, save_settings

DELETED_DAYS, YEARS, THEN, WEEKLY = "history.deleted_days", "history.years", "history.then", "history.weekly"
LAST = "history.last"
"""When the last run was."""
VALUES, EVERYTHING = "values", "everything"
"""What goes of edits that are old enough: their values, so that who and when stay; or all of them."""
DEFAULT_DAYS = 90
MOST_YEARS = 100
MOST_DAYS = 36_500
"""What is longer than this is for ever; no calendar reaches as far as a slip of the keyboard."""
_THEN = {VALUES: N_("Keep who and when, not the values"), EVERYTHING: N_("Let all of it go")}


def _days_words(value: Any) -> str:
    return ngettext("{n} day", "{n} days", int(value)).format(n=int(value)) if value else _("For ever")


def _years_words(value: Any) -> str:
    return ngettext("{n} year", "{n} years", int(value)).format(n=int(value)) if value else _("For ever")


SETTINGS = (
    NamedSetting(DELETED_DAYS, N_("Deleted records can be restored for"), _days_words),
    NamedSetting(YEARS, N_("Every edit is kept for"), _years_words),
    NamedSetting(THEN, N_("After that"), lambda value: translate(_THEN[value])),
    NamedSetting(WEEKLY, N_("Let go of it by itself, once a week")),
    NamedSetting(LAST, N_("When the history was last made smaller"), lambda value: instant_words(value["at"])),
    NamedSetting(EDITS_BEGIN, N_("Every edit is known since"), instant_words),
    NamedSetting(DELETIONS_BEGIN, N_("Deleted records are gone until"), instant_words),
)
TITLE = N_("Made the history smaller: {changes} old changes and {records} deleted records let go")
"""What the change set is called that tells what was let go. Such change sets are always kept."""
EVERY = timedelta(days=7)
_ONLY = N_("Only owners and administrators decide how long the history is kept. Ask one of them.")


@dataclass(frozen=True)
class Policy:
    """What the office has set.

    Attributes:
        deleted_days: how long deleted records can be restored; None: for ever.
        years: how long every edit is kept; None: for ever.
        then: what goes of older edits, ``VALUES`` or ``EVERYTHING``.
        weekly: whether the program lets go by itself, once a week; otherwise only when somebody asks it to.
    """

    deleted_days: int | None = DEFAULT_DAYS
    years: int | None = None
    then: str = VALUES
    weekly: bool = False

    @property
    def days_until_gone(self) -> int | None:
        """After how many days deleted records go by themselves; None where they do not."""
        return self.deleted_days if self.weekly else None

    def deleted_before(self, now: datetime) -> datetime | None:
        """What was deleted before this moment may go; None: nothing."""
        return None if self.deleted_days is None else now - timedelta(days=self.deleted_days)

    def edits_before(self, now: datetime) -> datetime | None:
        """Edits before this moment may go; None: none."""
        if self.years is None:
            return None
        try:
            return now.replace(year=now.year - self.years)
        except ValueError:  # 29 February
            return now.replace(year=now.year - self.years, day=28)


def when_it_goes(policy: Policy) -> str:
    """What makes it go: somebody, or the week; nothing where everything is kept for ever."""
    if policy.deleted_days is None and policy.years is None:
        return ""
    if policy.weekly:
        return _("What is older goes once a week, after a backup was made and proven.")
    return _("Nothing goes by itself: what is older stays until somebody makes the history smaller.")


def policy_of(settings: Mapping[str, Any]) -> Policy:
    """The policy among the settings of an office. What is not a sensible number counts as the safest: for ever."""
    days = settings.get(DELETED_DAYS, DEFAULT_DAYS)
    years = settings.get(YEARS)
    return Policy(
        days if isinstance(days, int) and 0 < days <= MOST_DAYS else None,
        years if isinstance(years, int) and 0 < years <= MOST_YEARS else None,
        EVERYTHING if settings.get(THEN) == EVERYTHING else VALUES,
        bool(settings.get(WEEKLY)),
    )


def read_policy(connection: sa.Connection) -> Policy:
    """What the office has set."""
    return policy_of(read_settings(connection))


def save_policy(uow: UnitOfWork, policy: Policy, *, seen: Policy | None = None) -> None:
    """Keep what the owner chose; undo brings the setting back, not what was let go meanwhile.

    Args:
        seen: the policy that whoever changes it saw.

    Raises:
        NotAllowed: who writes is neither owner nor administrator.
        SettingChanged: a colleague changed the same meanwhile.
    """
    require_leader(uow.database)
    if policy.deleted_days is not None and policy.deleted_days < 1 or policy.years is not None and policy.years < 1:
        raise UserError(N_("The history is kept for a day, or a year, at least."))
    if (policy.deleted_days or 0) > MOST_DAYS or (policy.years or 0) > MOST_YEARS:
        raise UserError(N_("The history is kept for {years} years at most, or for ever."), years=MOST_YEARS)
    save_settings(uow, _values(policy), seen=None if seen is None else _values(seen))


def _values(policy: Policy) -> dict[str, Any]:
    days = None if policy.deleted_days == DEFAULT_DAYS else policy.deleted_days or 0
    return {DELETED_DAYS: days, YEARS: policy.years, THEN: None if policy.then == VALUES else policy.then,
            WEEKLY: policy.weekly or None}  # fmt: skip


def require_leader(database: Database) -> None:
    """Refuse who does not lead the office.

    Raises:
        NotAllowed: they are neither owner nor administrator.
    """
    if not database.access.everything:
        raise NotAllowed(_ONLY, action="settings")


def edits_begin(connection: sa.Connection) -> datetime | None:
    """From when on every edit is known with its values; None where none was ever let go."""
    return _instant(read_settings(connection).get(EDITS_BEGIN))


def deletions_begin(connection: sa.Connection) -> datetime | None:
    """Something that was deleted until this moment is gone for good; None where nothing is.

    The office can be seen as of the later of both moments (``db.past.moment.history_begins``) and after.
    """
    return _instant(read_settings(connection).get(DELETIONS_BEGIN))


def _instant(value: Any) -> datetime | None:
    return parse_instant(value) if isinstance(value, str) else None


@dataclass(frozen=True)
class Account:
    """What one run let go.

    Attributes:
        changes: entries of the history that went, or whose values did.
        records: deleted records that can no longer be restored.
        files: contents of files that went with them, ``size`` their bytes.
        backup: the proven backup that was made before.
    """

    change_set: int
    at: datetime
    user_name: str
    changes: int
    records: int
    files: int
    size: int
    backup: str = ""
    params: Mapping[str, Any] | None = None


def accounts(connection: sa.Connection, limit: int = 20) -> list[Account]:
    """What was let go so far, the newest run first."""
    told = change_set.c.kind == "system", change_set.c.title == TITLE, NOT_PLAIN
    rows = connection.execute(sa.select(change_set).where(*told).order_by(change_set.c.id.desc()).limit(limit))
    found = []
    for row in rows.mappings():
        params = row["params"] or {}
        changes, records, files, size = (int(params.get(one) or 0) for one in ("changes", "records", "files", "size"))
        backup = str(params.get("backup") or "")
        found.append(
            Account(row["id"], row["at"], row["user_name"] or "", changes, records, files, size, backup, params)
        )
    return found


def is_due(connection: sa.Connection) -> bool:
    """Whether the office wants the program to let go by itself, and the last time is a week ago."""
    if not read_policy(connection).weekly:
        return False
    last = accounts(connection, 1)
    return not last or last[0].at <= clock.now() - EVERY
