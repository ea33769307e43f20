"""The main window: rail, top bar, page, status bar. It only puts together; pages do the work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core.i18n import N_, _, translate
from ui.backup.history_keeper import HistoryKeeper
from ui.backup.keeper import BackupKeeper
from ui.calendar.reminders import ReminderKeeper
from ui.dedupe.searching import SearchKeeper
from ui.framework import dialogs, settings, tasks
from ui.framework.commands import Command, command, commands_of, fill_menu, install_commands, refresh_commands
from ui.framework.may import can
from ui.framework.office import Office
from ui.framework.page import Page
from ui.framework.pages import PageSpec, RecordSpec
from ui.insight.quality_keeper import QualityKeeper
from ui.records.presence import keeper_of
from ui.records.room import keep_now
from ui.shell.browse import browsed_line, show_read_only
from ui.shell.care import CareKeeper
from ui.shell.connection import ConnectionKeeper, ConnectionLine
from ui.shell.notices import NoticeKeeper
from ui.shell.office_commands import OfficeCommands
from ui.shell.office_name import OfficeNameKeeper
from ui.shell.rights import RightsKeeper
from ui.shell.status import StatusKeeper
from ui.shell.undo import UndoKeeper
from ui.theme.icons import icon
from ui.widgets.rail import Rail, RailItem
from ui.widgets.shell import StatusBar, TopBar
from ui.widgets.toast import show_toast

if TYPE_CHECKING:
    from ui.security.lock import LockKeeper
    from ui.shell.palette import Palette


class MainWindow(OfficeCommands, QWidget):
    """One window on one office. It is the pages' navigator.

    ``office_switch`` asks the application for another database ("" for the first-start page), ``office_replace`` to put
    a restored file in the place of the open one (``backup.replacing.Replacement``).
    """

    office_switch = Signal(str)
    office_replace = Signal(object)
    office_leave = Signal(str, object, object)  # title, work that needs the office closed, who is told its result
    closed = Signal()

    def __init__(self, office: Office, pages: Sequence[PageSpec], records: Sequence[RecordSpec]) -> None:
        super().__init__()
        self.setObjectName("main-window")
        self.office = office
        self._specs = {spec.name: spec for spec in pages}
        self._records = {spec.entity: spec for spec in records}
        self._pages: dict[str, Page] = {}
        self._trail: list[tuple[str, dict[str, Any]]] = []
        self.palette_popup: Palette | None = None
        self.lock_keeper: LockKeeper | None = None
        self._sentry: Any = None
        self.rail = Rail(self._rail_items(), office=office.name)
        self.rail.set_collapsed(settings.RAIL_COLLAPSED.get())
        self.rail.activated.connect(self.open_page)
        self.rail.collapsed_changed.connect(settings.RAIL_COLLAPSED.set)
        self.rail.header.menu_requested.connect(self._show_menu)
        self.top = TopBar()
        self.top.user.set_name(office.actor.name or office.name)
        self.stack = QStackedWidget()
        # a page that is not shown must not keep the window from being small
        self.stack.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.status = StatusBar()
        self.connection_line = ConnectionLine()
        self.browsed_line = browsed_line(self)
        self._lay_out()
        self.undo_keeper = UndoKeeper(office, self.top, self)
        self.status_keeper = StatusKeeper(office, self.status, self)
        self.connection_keeper = ConnectionKeeper(office, self.connection_line, self.status, self)
        self.closed.connect(self.connection_keeper.stop)
        self.care_keeper = CareKeeper(office, self.connection_line, self, self.office_leave.emit)
        self.backup_keeper = BackupKeeper(office, self)
        self.history_keeper = HistoryKeeper(office, self)
        self.reminder_keeper = ReminderKeeper(office, self)
        self.closed.connect(self.reminder_keeper.stop)
        self.closed.connect(self.status_keeper.stop)
        self.notice_keeper = NoticeKeeper(office, self.top.bell, self)
        self.closed.connect(self.notice_keeper.stop)
        self.closed.connect(lambda: keeper_of(office).stop())
        self.reminder_keeper.came.connect(self.notice_keeper.tell_reminder)
        self.quality_keeper = QualityKeeper(office, self)
        self.duplicate_keeper = SearchKeeper(office, self)
        self.top.search_requested.connect(self.search)
        self.top.new.clicked.connect(self.create_new)
        self._new_menu = QMenu(self)
        self._new_menu.aboutToShow.connect(self._fill_new)
        self.top.new.set_menu(self._new_menu)
        self.top.user.clicked.connect(self._show_user_menu)
        install_commands(self)
        for spec in pages:
            if spec.shortcut:
                QShortcut(QKeySequence(spec.shortcut), self, lambda name=spec.name: self.open_page(name))
        self.name_keeper = OfficeNameKeeper(office, self)
        self.rights = RightsKeeper(office, self, self._specs, self._records)
        self.retranslate()
        if not settings.restore_geometry(self, "main"):
            settings.first_size(self)

    def _rail_items(self) -> list[RailItem]:
        top = [RailItem(s.name, translate(s.text), s.icon) for s in self._specs.values() if s.place == "top"]
        bottom = [RailItem(s.name, translate(s.text), s.icon) for s in self._specs.values() if s.place == "bottom"]
        return [*top, RailItem(""), *bottom] if bottom else top

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.top)
        right.addWidget(self.connection_line)
        if self.browsed_line is not None:
            right.addWidget(self.browsed_line)
        right.addWidget(self.stack, 1)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(self.rail)
        upper.addLayout(right, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(upper, 1)
        whole.addWidget(self.status)

    # -- navigator ---------------------------------------------------------------------------------------------

    def open_page(self, name: str, **params: Any) -> None:
        """Show a page; it is made when it is first opened."""
        if not self.rights.allows(name):
            return
        page = self._pages.get(name)
        if page is None:
            with self.office.standing():
                page = self._pages[name] = self._specs[name].make(self.office, self)
            self.stack.addWidget(page)
        if not self._trail or self._trail[-1] != (name, params):
            self._trail.append((name, params))
        self.stack.setCurrentWidget(page)
        self.rail.set_current(self._specs[name].under or name)
        self.name_new()
        self.status.set_shown("")
        with self.office.standing():
            page.activated(**params)
        page.setFocus()

    def open_record(self, entity: str, record_id: int, *, new_window: bool = False) -> None:
        """Show a record beside its list, or in a window of its own."""
        spec = self._records.get(entity)
        if spec is None:
            return
        if spec.show is not None:
            spec.show(self.office, self, record_id)
            return
        if new_window and spec.card is not None:
            card = spec.card(self.office, self, record_id)
            card.show()
            return
        self.open_page(spec.page, record_id=record_id)

    def page_of(self, entity: str) -> str:
        """The page that lists the records of a type; "" where none does."""
        spec = self._records.get(entity)
        return spec.page if spec is not None else ""

    def back(self) -> None:
        """Go to where the user was before."""
        if len(self._trail) > 1:
            self._trail.pop()
            name, params = self._trail.pop()
            self.open_page(name, **params)

    def create_record(self, entity: str, values: dict[str, Any] | None = None) -> None:
        """Open the form of a new record, with what is known already."""
        spec = self._records.get(entity)
        if spec is not None and spec.create is not None and self.rights.allows_new(entity):
            spec.create(self.office, self, self, dict(values or {}))

    def show_read_only(self, database: Any, name: str, scratch: Path, **what: Any) -> None:
        """Show a read-only database in a window of its own; ``scratch`` goes with it. ``what`` as ``shell.browse`` says."""
        show_read_only(self, database, name, scratch, **what)

    def forget_backup(self, database: Any) -> None:
        """A backup that was looked at is closed: the restore assistant lets go of it, too."""
        page = self._pages.get("restore")
        if page is not None:
            page.forget_backup(database)  # type: ignore[attr-defined]

    def another(self, office: Office) -> MainWindow:
        """A window like this one on another office."""
        return MainWindow(office, list(self._specs.values()), list(self._records.values()))

    @property
    def shown(self) -> tuple[str, dict[str, Any]]:
        """The page that is shown and what it was opened with."""
        return self._trail[-1] if self._trail else ("contacts", {})

    def set_shown(self, text: str) -> None:
        """Say in the status bar what the page shows ("214 contacts")."""
        self.status.set_shown(text)

    def set_badge(self, page: str, text: str, kind: str = "neutral", icon_name: str = "") -> None:
        """Put a count beside a page's name in the rail."""
        self.rail.set_badge(page, text, kind, icon_name)

    @property
    def current_page(self) -> Page | None:
        """The page that is shown."""
        page = self.stack.currentWidget()
        return page if isinstance(page, Page) else None

    # -- commands ----------------------------------------------------------------------------------------------

    @command("app.search", text=N_("Search"), shortcut="Ctrl+K", icon="ph.magnifying-glass", group="go")
    def search(self) -> None:
        """Open the command palette."""
        if self.palette_popup is None:
            from ui.shell.palette import Palette  # lazy: with the first search

            self.palette_popup = Palette(self.office, self, self._palette_commands)
        self.palette_popup.open_over(self)

    @command("app.new", text=N_("New"), shortcut="Ctrl+N", icon="ph.plus", group="go")
    def create_new(self) -> None:
        """Make what the page is about."""
        self.create_record(self._new_entity())

    @command("app.back", text=N_("Back"), shortcut="Alt+Backspace", icon="ph.arrow-left", group="go")
    def go_back(self) -> None:
        """Go back."""
        self.back()

    @command("app.undo", text=N_("Undo"), shortcut="Ctrl+Z", icon="ph.arrow-counter-clockwise", group="edit")
    def undo(self) -> None:
        """Undo the last change of data."""
        self.undo_keeper.undo()

    @command("app.redo", text=N_("Redo"), shortcut="Ctrl+Shift+Z", icon="ph.arrow-clockwise", group="edit")
    def redo(self) -> None:
        """Redo the last undone change."""
        self.undo_keeper.redo()

    @command("app.switch_office", text=N_("Open another office…"), icon="ph.swap", group="office")
    def switch_office(self) -> None:
        """Go to the first page, where another database can be opened."""
        self.office_switch.emit("")

    @command("app.reminders", text=N_("Go to the reminders"), shortcut="F8", icon="ph.bell", group="go")
    def go_to_reminders(self) -> None:
        """Give the keyboard to the reminders that are shown."""
        if not self.reminder_keeper.enter():
            show_toast(self, _("No reminder is waiting."), kind="accent")

    @command("app.lock", text=N_("Lock now"), shortcut="Ctrl+F12", icon="ph.lock", visible_when="can_lock", group="account")  # fmt: skip
    def lock_now(self) -> None:
        """Hide everything until the same person is back."""
        if self.lock_keeper is not None:
            self.lock_keeper.lock()

    @command("app.switch_user", text=N_("Switch user…"), shortcut="Ctrl+Shift+F12", icon="ph.users", visible_when="can_lock", group="account")  # fmt: skip
    def switch_user(self) -> None:
        """Let somebody else sign in."""
        if self.lock_keeper is not None:
            self.lock_keeper.lock(switch=True)

    @command("app.account", text=N_("My account…"), icon="ph.user-circle", visible_when="has_account", group="account")
    def my_account(self) -> None:
        """Show one's own name, password and lock."""
        from ui.security.account_dialog import open_account  # lazy: only when asked for

        open_account(self.office, self, self.lock_keeper)

    @command(
        "app.people", text=N_("People and rights"), icon="ph.users-three", visible_when="manages_people", group="go"
    )
    def show_people(self) -> None:
        """Open the page of people, teams and roles."""
        self.open_page("settings", tab="people")

    @command("app.my_rights", text=N_("My rights"), icon="ph.list-bullets", visible_when="is_led", group="go")
    def show_my_rights(self) -> None:
        """Open the page that says what one may do, and why."""
        self.open_page("settings", tab="people")

    @command("app.notices", text=N_("What is new for me"), shortcut="F7", icon="ph.bell", group="go")
    def show_notices(self) -> None:
        """Open the list of notices."""
        self.notice_keeper.show_panel()

    @command("app.unsaved", text=N_("Unsaved text…"), icon="ph.note-pencil", group="edit")
    def show_unsaved(self) -> None:
        """List what was typed on this computer and never saved."""
        from ui.records.unsaved import UnsavedDialog  # lazy: only when asked for

        dialogs.run_dialog(UnsavedDialog(self.office, self, self))

    @command("app.check_database", text=N_("Check the database…"), icon="ph.heartbeat", group="help",
             visible_when=lambda window: not window.office.database.read_only and can(window.office, "backup"))  # fmt: skip
    def check_database(self) -> None:
        """Look whether everything is whole, and repair what can be."""
        from ui.shell.check_dialog import CheckDialog  # lazy: only when asked for

        dialogs.run_dialog(CheckDialog(self.office, self))

    @command("app.go_back", text=N_("Back to before the upgrade…"), icon="ph.clock-counter-clockwise", group="help",
             visible_when=lambda window: window.care_keeper.upgrade is not None and can(window.office, "backup"))  # fmt: skip
    def go_back_before_upgrade(self) -> None:
        """Offer the database from before its last upgrade."""
        self.care_keeper.go_back()

    @command("app.shortcuts", text=N_("Keyboard shortcuts"), shortcut="F1", icon="ph.keyboard", group="help")
    def show_shortcuts(self) -> None:
        """List every shortcut."""
        from ui.shell.shortcuts import show_shortcuts  # lazy: only when asked for

        show_shortcuts(self)

    @command("app.about", text=N_("About CRM Desktop"), icon="ph.info", group="help")
    def about(self) -> None:
        """Say what this is."""
        from ui.shell.about import show_about  # lazy: only when asked for

        show_about(self)

    @command("app.quit", text=N_("Quit"), shortcut="Ctrl+Q", icon="ph.sign-out", group="quit")
    def quit(self) -> None:
        """Close the window."""
        self.close()

    @property
    def page_name(self) -> str:
        """The name of the page that is shown; "" before the first."""
        return self._trail[-1][0] if self._trail else self.rail.current()

    def _new_entity(self) -> str:
        spec = self._specs.get(self.page_name)
        return self.rights.new_entity(spec.entity if spec is not None and spec.entity else "contact")

    def name_new(self) -> None:
        """Say on the button what New makes."""
        schema = self.office.database.schema
        entity = self._new_entity()
        self.rights.restrict_new()
        self.top.new.setText(translate(schema.entity(entity).new_label) if entity in schema.entities else _("New"))

    def _fill_new(self) -> None:
        self._new_menu.clear()
        for entity in self.rights.makeable():
            what = self.office.database.schema.entities.get(entity)
            if what is not None:
                action = self._new_menu.addAction(icon(what.icon), translate(what.new_label))
                action.triggered.connect(lambda _checked=False, name=entity: self.create_record(name))

    def _palette_commands(self) -> list[Command]:
        page = self.current_page
        return [*commands_of(page), *commands_of(self)] if page is not None else commands_of(self)

    def palette_pages(self) -> list[PageSpec]:
        """The pages that the palette offers."""
        return [spec for spec in self._specs.values() if spec.place and spec.allowed(self.office)]

    def _show_menu(self) -> None:
        menu = fill_menu(QMenu(self), commands_of(self))
        menu.exec(self.rail.mapToGlobal(self.rail.rect().topLeft()))

    def _show_user_menu(self) -> None:
        menu = QMenu(self)
        menu.addSection(self.office.actor.name or self.office.name)
        menu.addAction(icon("ph.gear"), _("Settings"), lambda: self.open_page("settings"))
        fill_menu(menu, [one for one in commands_of(self) if one.spec.group in ("account", "office", "help", "quit")])
        menu.exec(self.top.user.mapToGlobal(self.top.user.rect().bottomLeft()))

    # -- who works here ----------------------------------------------------------------------------------------

    @property
    def can_lock(self) -> bool:
        """Whether there is a password that opens the window again."""
        return self.lock_keeper is not None

    @property
    def has_account(self) -> bool:
        """Whether somebody works here whom the office knows."""
        return self.office.user_id is not None

    @property
    def manages_people(self) -> bool:
        """Whether the page of people is for who works here."""
        return can(self.office, "users")

    @property
    def is_led(self) -> bool:
        """Whether somebody else decides what one may do."""
        return not self.manages_people

    def use_lock(self, sentry: Any, can_lock: bool) -> None:
        """Offer locking and switching where there are passwords."""
        if can_lock and self.lock_keeper is None:
            from ui.security.lock import LockKeeper  # lazy: not at the first picture

            self.lock_keeper = LockKeeper(self, sentry)
        elif not can_lock and self.lock_keeper is not None and self.lock_keeper.retire():
            self.lock_keeper = None
        self._sentry = sentry
        self.top.user.set_name(sentry.name or self.office.name, sentry.hue)
        refresh_commands(self)

    def recheck_lock(self) -> None:
        """Look again whether there are passwords: somebody gave some, or took them away."""
        sentry = self._sentry
        if sentry is not None:
            tasks.run_read(self, sentry.prepare, lambda can: self.use_lock(sentry, can), lambda _error: None)

    # -- window ------------------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Write the words of the window in the language in use."""
        self.setWindowTitle(f"{self.office.name} – CRM Desktop")
        self.rail.set_texts({spec.name: translate(spec.text) for spec in self._specs.values() if spec.place})
        self.top.search.set_placeholder(_("Search names, phones, commands…"))
        self.name_new()
        self.status_keeper.retranslate()
        self.connection_keeper.show()
        self.notice_keeper.retranslate()
        self.undo_keeper.refresh()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        settings.remember_geometry(self, "main")
        keep_now(self)
        running = tasks.jobs().active()
        if running and not self._stop_jobs():
            event.ignore()
            return
        event.accept()
        self.closed.emit()

    def _stop_jobs(self) -> bool:
        text = _("Stop it and close? Nothing half done stays behind.")
        sure = dialogs.confirm(self, _("Work is still running"), text, yes=_("Stop and close"))
        if sure:
            for job in tasks.jobs().active():
                job.cancel()
            tasks.wait_idle(30)
        return sure
