"""The search for duplicates as a job of the window, and the keeper that starts it when it is due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from crm_desktop.core import clock
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.dedupe import settings, worklist
from ui.framework import tasks
from ui.framework.office import Office
from ui.framework.tasks import JobHandle

if TYPE_CHECKING:
    from crm_desktop.dedupe.scan import Scanned

_FIRST_MS = 300_000
_EVERY_MS = 1_800_000


def start_search(
    owner: QWidget, office: Office, entities: Sequence[str], done: Callable[[list[Scanned]], None] | None = None,
    failed: Callable[[Exception], None] | None = None,
) -> JobHandle:  # fmt: skip
    """Search record types for duplicates in the background; listed among the jobs, with progress and cancel."""

    def work(progress: Progress) -> list[Scanned]:
        from crm_desktop.dedupe.scan import scan  # lazy: the measures of likeness

        return [scan(office.database, entity, progress) for entity in entities]

    return tasks.run_job(_("Searching for duplicates"), work, done, failed, owner=owner)


class SearchKeeper(QObject):
    """Searches as often as the office wishes; what was missed while the program was closed is caught up."""

    def __init__(self, office: Office, window: QWidget) -> None:
        super().__init__(window)
        self._office, self._window = office, window
        self._running = False
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        QTimer.singleShot(_FIRST_MS, self, self.look)

    def look(self) -> None:
        """Search what is due, when nothing else is running; who sees only a part would find only a part."""
        whole = all(self._office.access.scope(name, "read") == "all" for name in settings.ENTITIES)
        if self._running or self._office.database.read_only or tasks.jobs().active() or not whole:
            return

        def read(connection: Any) -> list[str]:
            how_often, now = settings.schedule(connection), clock.now()
            last = {entity: worklist.last_scan(connection, entity) for entity in settings.ENTITIES}
            return [name for name, one in last.items() if settings.due(how_often, one.at if one else None, now)]

        self._office.read(self._window, read, self._start, lambda _error: None, supersede="duplicates-due")

    def _start(self, entities: list[str]) -> None:
        if not entities or self._running:
            return
        self._running = True
        # what fails here fails again when somebody searches, and is told then
        handle = start_search(self._window, self._office, entities, None, lambda _error: None)
        handle.finished.connect(self._ended)

    def _ended(self) -> None:
        self._running = False
