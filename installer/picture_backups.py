"""Pictures of backups: the page with a history of proofs and a stick that is away, the plan, the certificate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from crm_desktop.backup import running, runs, schedule
from crm_desktop.backup.schedule import Plan
from crm_desktop.core import clock
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.db.unit_of_work import write
from ui.backup.archive_dialog import ArchiveDialog
from ui.backup.plan_dialog import PlanDialog
from ui.framework import tasks

_PLAN = Plan(True, times=(time(12), time(18)), days=(0, 1, 2, 3, 4), places=("", "E:\\Backups"))


def _settle() -> None:
    for _ in range(6):
        tasks.wait_idle(30)
        QApplication.processEvents()


def backups(window: Any, grab: Callable[..., None]) -> None:
    """A plan with two places, backups of some days, one that failed; the sample office has its plan back at the end."""
    database, name = window.office.database, window.office.actor.name
    with write(database, N_("Plan of the backups"), actor=window.office.actor) as uow:
        schedule.save_plan(uow, _PLAN)
    real, kinds = clock.now(), ("daily", "import", "daily", "daily", "hand", "daily")
    for number, kind in enumerate(kinds):
        moment = real - timedelta(hours=17 * (len(kinds) - number) - 14)
        clock.set_clock(lambda moment=moment: moment)  # type: ignore[misc]
        running.run_backup(database, _PLAN, kind=kind, user_name=name, progress=Progress())
    clock.set_clock(lambda: real - timedelta(hours=40))
    failed = runs.claim(database, "daily", "Rafael Lima")
    if failed is not None:
        runs.fail(database, failed, "E:\\Backups")
    clock.set_clock(None)
    window.open_page("backup")
    _settle()
    page = window.current_page
    page.table.set_current_row(0)
    window.status_keeper.refresh_backup()
    _settle()
    grab("backups")
    dialog = PlanDialog(_PLAN, knows_password=False, parent=window)
    dialog.encrypted.setChecked(True)
    dialog.show()
    _settle()
    grab("backups-plan", dialog)
    dialog.close()
    archive = ArchiveDialog(page, window.office)
    archive.path.setText("E:\\Archive\\" + Path(archive.path.text()).name)
    archive.show()
    _settle()
    grab("archive", archive)
    archive.close()
    page.certificate()
    _settle()
    pages = QEventLoop()  # the pages of paper are drawn by Qt in a thread of its own
    QTimer.singleShot(1500, pages.quit)
    pages.exec()
    grab("backups-certificate")
