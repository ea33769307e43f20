"""Merging many groups at once: a change set for each, so that each can be taken apart; one step for Undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import N_, _
from crm_desktop.core.ids import generator
from crm_desktop.core.jobs import Progress
from crm_desktop.dedupe.worklist import Group
from crm_desktop.records import history, merging, queries
from ui.dedupe.found import LINES, fullest
from ui.framework import tasks
from ui.framework.office import Office
from ui.framework.tasks import JobHandle

TITLE, ONE = N_("Merged {count} groups of duplicates"), N_("Merged one group of duplicates")


def merge_groups(
    owner: QWidget, office: Office, entity: str, groups: Sequence[Group], done: Callable[[int], None],
    failed: Callable[[Exception], None],
) -> JobHandle:  # fmt: skip
    """Merge each group into its fullest record. What a cancelled or failed batch has merged until then stays."""
    database = office.database
    title = ONE if len(groups) == 1 else TITLE
    names = [name for name in LINES.get(entity, ()) if database.schema.entity(entity).has(name)]

    def work(progress: Progress) -> int:
        batch = history.batch_params(generator.next(), title, count=len(groups))
        merged = 0
        for number, group in enumerate(groups):
            progress.update(number, len(groups))
            with office.unit_of_work(title, params={"count": len(groups)}, kind="merge") as uow:
                merged += merge(uow, group, batch)
        return merged

    def merge(uow: Any, group: Group, batch: dict[str, Any]) -> bool:
        rows = queries.fetch_rows(database, uow.connection, entity, list(group.members), names)
        if len(rows) < 2:
            return False  # somebody was faster
        winner = fullest(rows)
        merging.merge_records(uow, entity, winner, [row.id for row in rows if row.id != winner], batch=batch)
        return True

    return tasks.run_job(_("Merging duplicates"), work, done, failed, owner=owner)
