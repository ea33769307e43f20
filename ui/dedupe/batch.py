"""Merging many groups at once: one change set, in the background, with progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import N_, _
from crm_desktop.core.jobs import Progress
from crm_desktop.dedupe.worklist import Group
from crm_desktop.records import merging, queries
from ui.dedupe.found import LINES, fullest
from ui.framework import tasks
from ui.framework.office import Office
from ui.framework.tasks import JobHandle

TITLE = N_("Merged {count} groups of duplicates")


def merge_groups(
    owner: QWidget, office: Office, entity: str, groups: Sequence[Group], done: Callable[[int], None],
    failed: Callable[[Exception], None],
) -> JobHandle:  # fmt: skip
    """Merge each group into its fullest record; all of it is one change set. A cancelled batch changes nothing."""
    database = office.database
    names = [name for name in LINES.get(entity, ()) if database.schema.entity(entity).has(name)]

    def work(progress: Progress) -> int:
        with office.unit_of_work(TITLE, params={"count": len(groups)}, kind="merge") as uow:
            for number, group in enumerate(groups):
                progress.update(number, len(groups))
                _merge(uow, group, names)
            uow.retitle(TITLE, count=len(groups))
        return len(groups)

    def _merge(uow: Any, group: Group, names: Sequence[str]) -> None:
        rows = queries.fetch_rows(database, uow.connection, entity, list(group.members), names)
        if len(rows) < 2:
            return  # somebody was faster
        winner = fullest(rows)
        merging.merge_records(uow, entity, winner, [row.id for row in rows if row.id != winner])

    return tasks.run_job(_("Merging duplicates"), work, done, failed, owner=owner)
