"""Pictures of restoring: an afternoon with its differences, one record, the whole office, a backup that is looked at."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from crm_desktop.backup import protection
from crm_desktop.backup.making import make_backup
from crm_desktop.core.filters import where
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import queries, service
from ui.framework import tasks


def _settle() -> None:
    for _ in range(6):
        tasks.wait_idle(30)
        QApplication.processEvents()


def restoring(window: Any, grab: Callable[..., None]) -> None:
    """Back up, let an afternoon go wrong, and go through the assistant; the sample office is as before at the end."""
    database = window.office.database
    with tempfile.TemporaryDirectory(prefix="crm-picture-") as folder:
        info = make_backup(database, folder)
        with database.read() as connection:
            people = list(
                queries.find_ids(database, connection, "contact", filter=where("city", "eq", "Curitiba"), limit=6)
            )
            deals = list(queries.find_ids(database, connection, "deal", limit=4))
        with write(database, "Clean up", actor=window.office.actor) as uow:
            service.delete_records(uow, "contact", people[:2])
            for one in people[2:]:
                service.update_record(uow, "contact", one, {"job_title": "–", "source": None})
            for one in deals:
                service.update_record(uow, "deal", one, {"next_step": ""})
            service.create_record(uow, "company", {"name": "Teste 123"})
        window.open_page("restore", path=info.path)
        _settle()
        page = window.current_page
        grab("restore-backup")
        page.go_on()
        _settle()
        grab("restore-what")
        page.what.choose("changes")
        _settle()
        page.changes.table.set_current_row(2)
        _settle()
        grab("restore")
        page.go_back()
        page.what.choose("record")
        title = page.changes.found.differences
        page.record.search.setText(next(one.title for one in title if one.op == "deleted"))
        page.record.look_for()
        _settle()
        grab("restore-record")
        page.go_back()
        page.what.choose("whole")
        _settle()
        grab("restore-whole")
        page.whole.tell_protection(protection.UNKNOWN)
        grab("restore-whole-password")
        page.whole.target = Path(folder) / "office-restored.crm"
        page.session.restore_new(page.whole.target, page.whole.written, page.whole.failed)
        _settle()
        grab("restore-new")
        page.result.again.emit()
        page.what.choose("changes")
        _settle()
        page.go_on()
        _settle()
        grab("restore-result")
        page.result.again.emit()
        page.what.choose("browse")
        _settle()
        other = next(
            one for one in QApplication.topLevelWidgets()
            if type(one) is type(window) and one is not window and one.isVisible()
        )  # fmt: skip
        other.resize(window.size())
        grab("restore-browse", other)
        other.close()
        page.leave()
        _settle()
