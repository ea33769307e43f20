"""The window's composition root: language, theme, which office, main window or first page."""

from __future__ import annotations

import argparse
import gc
import logging
import logging.handlers
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from crm_desktop import app as core_app
from crm_desktop.core import formats, paths
from crm_desktop.core.errors import NewerOffice, ReadOnlyFile
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.core.secrets import EXPOSED, DiscreetFormatter, clean_arguments
from crm_desktop.db.database import Database, is_server, without_password
from crm_desktop.db.unit_of_work import write
from crm_desktop.records.moved import OfficeMoved
from ui import features
from ui.framework import dialogs, settings, tasks
from ui.framework.office import Office
from ui.framework.retranslate import switch_language
from ui.main_window import MainWindow
from ui.security.sign_in import Attempt, Question, SignIn
from ui.shell import browse, entering
from ui.shell.reading import browsed_file
from ui.theme.theme import apply_theme

_SWITCH_S = 0.0005
"""How long background work may keep the window waiting for the interpreter: a painting asks for it thousands of times."""


class Application(QObject):
    """Holds the one window there is: the first page, or an office."""

    def __init__(self, qt: QApplication) -> None:
        super().__init__(qt)
        self._qt = qt
        self._window: QWidget | None = None
        self._office: Office | None = None
        self._demo_folder: Path | None = None
        self._asking: Database | None = None
        qt.aboutToQuit.connect(self._on_quit)

    @property
    def window(self) -> QWidget | None:
        """The window that is shown."""
        return self._window

    def start(self, target: str | None, *, demo: bool) -> None:
        """Show the office asked for, the one of last time, or the first page."""
        if demo:
            self.open_demo()
            return
        chosen = target or settings.LAST_DATABASE.get()
        if not chosen and paths.default_database().exists():
            chosen = str(paths.default_database())
        if not chosen or (not target and not _still_there(chosen)):
            self.show_first_start()
        elif is_server(chosen):
            self.show_first_start()
            self.open(chosen)
        else:
            self._open_now(chosen)

    def open(self, target: str, *, page: str = "", remember: bool = True, **params: Any) -> None:
        """Open an office in the background and show it. Where that fails, say why and stay where we were."""

        def show(found: core_app.Opened | entering.Asking) -> None:
            self._enter(found, page=page, remember=target if remember else "", **params)

        def refuse(error: Exception) -> None:
            if entering.asks_again(target, error):
                self._ask(
                    entering.server_question(target, error), entering.server_attempt(target), page=page,
                    remember=target if remember else "", **params,
                )  # fmt: skip
            else:
                self._say(error, target)

        work = partial(entering.knock, target)
        tasks.run_job(_("Opening the office"), work, show, refuse, owner=self._window)

    def _open_now(self, file: str, **how: Any) -> None:
        """Open the file of every morning: nothing can be shown before it, so nothing waits for it."""
        try:
            found = entering.knock(file)
        except ReadOnlyFile:  # it is read all the same, which takes a moment
            self.show_first_start()
            self.open(file)
            return
        except Exception as error:
            self.show_first_start()
            self._say(error, file)
            return
        throw_away = self._demo_folder is not None and Path(file).parent == self._demo_folder
        self._enter(found, remember="" if throw_away else file, **how)

    def _say(self, error: Exception, target: str) -> None:
        """Why an office was not opened; one that lives on a server now can be opened there, an upgraded one put back."""
        if isinstance(error, OfficeMoved):
            from ui.shell.server.entry import offer_moved  # lazy: the assistant, and the driver of servers

            offer_moved(self._window, self, error)
        elif not self._offer_back(error, target):
            dialogs.show_error(self._window, error)

    def _offer_back(self, error: Exception, target: str) -> bool:
        """Offer to put the copy from before an upgrade back, where an older program meets an upgraded server."""
        if not isinstance(error, NewerOffice) or not is_server(target) or self._window is None:
            return False
        from ui.shell.server.going_back import offer_back  # lazy: the assistant, and the driver of servers

        return offer_back(self._window, self, target)

    def _enter(self, found: core_app.Opened | entering.Asking, **how: Any) -> None:
        """Show an office, or ask who works with it first."""
        if isinstance(found, core_app.Opened):
            self.show_office(found, **how)
            return
        self._ask(entering.file_question(found), entering.file_attempt(found), found.database, **how)

    def _ask(self, question: Question, attempt: Attempt, database: Database | None = None, **how: Any) -> None:
        """Show the sign-in window; ``database`` is closed where nobody signs in."""
        window = SignIn(question, attempt)
        if not self._replace(window, None):
            if database is not None:
                database.close()
            return
        self._asking = database
        window.signed_in.connect(lambda opened: self._on_signed_in(opened, **how))
        window.another_office.connect(self.show_first_start)
        window.newer.connect(lambda error: self._offer_back(error, str(how.get("remember") or "")))
        window.show()

    def _on_signed_in(self, opened: core_app.Opened, **how: Any) -> None:
        self._asking = None  # it is the office's now
        if how.get("remember") and not opened.database.sqlite:
            how["remember"] = opened.database.target  # with the name that signed in
        self.show_office(opened, **how)

    def show_office(self, opened: core_app.Opened, *, page: str = "", remember: str = "", **params: Any) -> None:
        """Show an office that is open already."""
        if remember:
            settings.LAST_DATABASE.set(without_password(remember))
        name = opened.office or ("" if opened.database.sqlite else opened.database.name) or _("My office")
        office = features.prepare(Office(opened.database, opened.actor, write, name=name))
        office.browsed = browsed_file(opened.database)
        formats.set_default_currency(str(core_app.office_setting(opened.database, "currency") or ""))
        formats.set_default_country(str(core_app.office_setting(opened.database, "country") or ""))
        answer_server(office)
        # while no page reads yet: it needs no connection more
        entering.remember_person(opened.database, opened.actor.user_id)
        window = MainWindow(office, features.PAGES, features.RECORDS)
        window.office_switch.connect(self._switch)
        window.office_replace.connect(self._replace_file)
        window.office_leave.connect(self._leave)
        if not self._replace(window, office):
            return
        window.open_page(page or features.PAGES[0].name, **params)
        window.show()
        gate = entering.Gate(opened, name, lambda other, target: self.show_office(other, remember=target))
        tasks.run_read(window, gate.prepare, lambda can: window.use_lock(gate, can), lambda _error: None)

    def show_first_start(self) -> None:
        """Show the page with the three doors."""
        from ui.shell.first_start import FirstStart  # lazy: an office is opened without it

        window = FirstStart(self)
        self._replace(window, None)
        window.show()

    def open_demo(self) -> None:
        """Make a throw-away demo database and open it; it goes when the program closes."""
        from crm_desktop.backup import throw_away  # lazy: only for the demo
        from crm_desktop.demo.make import make_demo  # lazy: as above

        self._remove_demo()
        self._demo_folder = folder = Path(tempfile.mkdtemp(prefix="crm-demo-"))
        target = folder / "demo.crm"

        def make(progress: Progress) -> core_app.Opened:
            database = core_app.open_database(target)
            with _closed_on_error(database):
                make_demo(database, progress=progress)
                throw_away.keep_beside(database, folder)
                actor = core_app.sign_in(database)
                return core_app.Opened(database, actor, str(core_app.office_setting(database, "name", "") or ""))

        if self._window is None:
            self.show_first_start()
        tasks.run_job(_("Making the sample office"), make, self.show_office, owner=self._window)

    def _replace_file(self, replacement: Any) -> None:
        """Put a restored file in the place of the open one: close the office, exchange the files, open it again."""
        from crm_desktop.backup import replacing  # lazy: only to restore
        from ui.shell.restoring import RestoringWindow  # lazy: only to restore

        window = RestoringWindow(replacement)
        if not self._replace(window, None):
            replacing.drop(replacement.partial)
            return
        window.show()
        target = str(replacement.target)

        def run(_progress: Progress) -> None:
            replacing.carry_out(replacement)

        def back(error: Exception) -> None:
            dialogs.show_error(window, error)
            self._open_now(target, page="restore", path=replacement.backup)

        tasks.run_job(_("Restoring the office"), run, lambda _done: self._restored(target), back, owner=window)

    def _restored(self, target: str) -> None:
        """Open the restored office and offer the way back."""
        self._open_now(target)
        window = self._window
        if isinstance(window, MainWindow) and window.rights.allows("restore"):
            window.open_page("restore", restored=True)

    def _leave(self, title: str, work: Callable[[Progress], object], on_done: Callable[[object], None]) -> None:
        """Close the office, do what needs it closed, and tell."""
        self.show_first_start()
        if self._office is None:  # else work that runs was to go on
            tasks.run_job(title, work, on_done, owner=self._window)

    def _switch(self, target: str) -> None:
        if target:
            self.open(target)
        else:
            self.show_first_start()

    def _replace(self, window: QWidget, office: Office | None) -> bool:
        """Close the window shown and put this one in its place; False where its running work is to go on."""
        old, old_office = self._window, self._office
        self._qt.setQuitOnLastWindowClosed(False)
        try:
            if old is not None and not old.close():
                window.deleteLater()
                if office is not None:
                    office.close()
                return False
            browse.close_all()
        finally:
            self._qt.setQuitOnLastWindowClosed(True)
        self._window, self._office = window, office
        if self._asking is not None and office is None:
            self._asking.close()
            self._asking = None
        if isinstance(old, MainWindow):
            old.status_keeper.stop()
        if old is not None:
            old.deleteLater()
        if old_office is not None:
            old_office.leave()
        return True

    def _on_quit(self) -> None:
        if isinstance(self._window, MainWindow):
            self._window.status_keeper.stop()
            self._window.reminder_keeper.stop()
        tasks.shutdown()
        if self._office is not None:
            self._office.close()
        if self._asking is not None:
            self._asking.close()
        self._remove_demo()

    def _remove_demo(self) -> None:
        if self._demo_folder is not None:
            from crm_desktop.backup import throw_away  # lazy: only for the demo

            throw_away.forget(self._demo_folder)
            shutil.rmtree(self._demo_folder, ignore_errors=True)
            self._demo_folder = None


@contextmanager
def _closed_on_error(database: Database) -> Iterator[None]:
    """Let go of a database that nobody will see: its window was cancelled, or it could not be filled."""
    try:
        yield
    except BaseException:
        database.close()
        raise


def answer_server(office: Office) -> None:
    """Say who asks for another password and who decides about another certificate, where the office is on a server."""
    if office.database.sqlite:
        return
    office.sign_in_again = lambda window: _sign_in_again(office, window)
    if "sslmode=" not in office.database.target:  # a URL that says itself how to encrypt counts more than any choice
        office.choose_server = lambda window: _choose_server(office, window)


def _choose_server(office: Office, window: QWidget) -> None:
    from ui.shell.server.certificate import choose_server  # lazy: only where a server shows another certificate

    choose_server(office, window)


def _sign_in_again(office: Office, window: QWidget) -> None:
    from ui.security.sign_in_again import sign_in_again  # lazy: only where a server wants another password

    sign_in_again(office, window)


def _still_there(target: str) -> bool:
    return is_server(target) or Path(target).exists()


def make_application(argv: Sequence[str] = ()) -> QApplication:
    """The Qt application, dressed: language, theme, names. An existing one is dressed and returned."""
    existing = QApplication.instance()
    qt = existing if isinstance(existing, QApplication) else QApplication(list(argv) or ["crm-desktop"])
    QGuiApplication.setApplicationDisplayName("CRM Desktop")
    qt.setApplicationName("crm-desktop")
    switch_language(qt, settings.LANGUAGE.get())
    apply_theme(qt, settings.THEME.get(), settings.TEXT_SCALE.get())
    return qt


def main(argv: Sequence[str]) -> int:
    """Start the window.

    Args:
        argv: ``--demo``, ``--database TARGET``, ``--language CODE``; what Qt knows is left to Qt.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="crm-desktop", description="CRM Desktop", add_help=False)
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--database", default=None)
    parser.add_argument("--language", default="")
    chosen, rest = parser.parse_known_args(list(argv))
    if clean_arguments(argv):
        print(_(EXPOSED), file=sys.stderr)
    if not _has_display():
        print(
            "There is no display. Start it on a desktop, or on a virtual one:  xvfb-run -a python3 main.py",
            file=sys.stderr,
        )
        return 1
    _log_to_file()
    gc.disable()  # from here on ui.framework.collector does it, when it is safe
    sys.setswitchinterval(_SWITCH_S)
    qt = make_application(["crm-desktop", *rest])
    if chosen.language:
        switch_language(qt, chosen.language)
    application = Application(qt)
    application.start(chosen.database, demo=chosen.demo)
    gc.freeze()  # what a start made stays, so it need not be looked through again while somebody works
    return qt.exec()


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _log_to_file() -> None:
    handler = logging.handlers.RotatingFileHandler(
        paths.log_file(), maxBytes=1_000_000, backupCount=3, encoding="utf-8"
    )
    handler.setFormatter(DiscreetFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
