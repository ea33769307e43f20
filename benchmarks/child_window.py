"""What measured windows have in common: the open office, waiting, and the gaps of the event loop."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QTableView, QWidget

from crm_desktop import app as core_app
from crm_desktop.db.unit_of_work import write
from ui import app, features
from ui.framework import tasks
from ui.framework.office import Office
from ui.main_window import MainWindow
from ui.records.list_page import ListPage


class Heartbeat(QObject):
    """Beats every millisecond; a person feels the longest time between two beats."""

    def __init__(self) -> None:
        super().__init__()
        self.longest = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(1)

    def reset(self) -> None:
        """Forget the longest gap."""
        self.longest, self._last = 0.0, time.perf_counter()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, now - self._last)
        self._last = now


class PaintWatch(QObject):
    """Notes when a widget was painted for the first time after something became so."""

    def __init__(self, widget: QWidget, so: Callable[[], bool]) -> None:
        super().__init__(widget)
        self.when = self.worked = 0.0
        self._widget, self._so = widget, so
        widget.installEventFilter(self)
        widget.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Paint or self.when or not self._so():
            return False
        self._widget.removeEventFilter(self)
        QCoreApplication.sendEvent(watched, event)  # painted now, so that the clock can be read after it
        self.when, self.worked = time.perf_counter(), time.process_time()
        return True


class Stage:
    """An office in a window, as the program shows it."""

    def __init__(self, target: str, unit_of_work: Callable[..., Any] = write) -> None:
        sys.setswitchinterval(app._SWITCH_S)  # as ui.app.main does
        self.qt = app.make_application()
        self.heart = Heartbeat()
        opened = core_app.open_office(target, create=False)
        self.office = Office(opened.database, opened.actor, unit_of_work, name=opened.office)

    def window(self) -> MainWindow:
        """A new main window, empty and at rest."""
        made = MainWindow(self.office, features.PAGES, features.RECORDS)
        made.resize(1440, 900)
        made.show()
        self.rest()
        return made

    def rest(self) -> None:
        """Let everything come to its end."""
        tasks.wait_idle(120)
        self.until(lambda: True)

    def until(self, condition: Callable[[], bool], timeout: float = 120.0) -> None:
        """Handle events until something is so, and what follows from it is painted."""
        end = time.monotonic() + timeout
        while not condition():
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if time.monotonic() > end:
                raise RuntimeError("nothing more happens")
        QApplication.processEvents()

    def timed(
        self, action: Callable[[], Any], shown: Callable[[], bool], page: Callable[[], ListPage]
    ) -> dict[str, float]:
        """From an action to the rows it brings, painted: milliseconds, and milliseconds of all processors.

        ``gap`` is the longest time that the event loop took no event, from the action until all is at rest.
        """
        self.heart.reset()
        begin, worked = time.perf_counter(), time.process_time()
        action()
        watch = PaintWatch(page().table.viewport(), shown)
        end = time.monotonic() + 120
        while not watch.when:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if time.monotonic() > end:
                raise RuntimeError("the rows are not painted")
        self.rest()
        watch.deleteLater()
        taken, cpu = watch.when - begin, watch.worked - worked
        return {"ms": taken * 1000, "cpu": cpu * 1000, "gap": self.heart.longest * 1000}


def rows_shown(page: ListPage) -> bool:
    """Whether every row in view has its values."""
    table, model = page.table, page.model
    if not model.rowCount() or not table.isVisible():
        return False
    first, last = visible_rows(table)
    return all(model.row_values(row) is not None for row in range(first, last + 1))


def visible_rows(table: QTableView) -> tuple[int, int]:
    """The first and the last row in view."""
    first = max(0, table.rowAt(0))
    last = table.rowAt(table.viewport().height() - 1)
    return first, last if last >= 0 else table.model().rowCount() - 1
