"""Looks after the database beside the work: its pages in the background, a file that vanished, an upgrade just made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from crm_desktop import upgrading
from crm_desktop.backup.sweeping import sweep_partials
from crm_desktop.core import formats
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.core.jobs import Progress
from crm_desktop.db.file_state import FileState, Mark, PagesStopped, file_state, is_office_of, office_marks, pages_whole
from crm_desktop.upgrading import Upgrade, WentBack
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.shell.connection import ConnectionLine
from ui.widgets.states import read_again
from ui.widgets.toast import show_toast

_LOOK_MS = 2_500
_PAGES_FIRST_MS = 45_000
_SWEEP_MS = 30_000
_PAGES_EVERY_MS = 6 * 3_600_000
"""The pages are checked when the start is long over, and a few times a day."""

Leave = Callable[[str, Callable[[Progress], object], Callable[[object], None]], None]
"""(title, work once the office is closed, what is told of its result)"""


class CareKeeper(QObject):
    """Watches a file of this computer. On a server the server's administrators do."""

    def __init__(self, office: Office, line: ConnectionLine, window: QWidget, leave: Leave) -> None:
        super().__init__(window)
        self._office, self._line, self._window, self._leave = office, line, window, leave
        self._gone: FileState | None = None
        self._stop = False
        self.upgrade: Upgrade | None = None
        database = office.database
        window.closed.connect(self.stop)  # type: ignore[attr-defined]
        if database.read_only:
            return
        tasks.run_read(self, lambda: upgrading.last_upgrade(database), self._on_upgrade, lambda _error: None)
        QTimer.singleShot(_SWEEP_MS, self, self.sweep)
        if database.sqlite:
            assert database.path is not None
            path = database.path
            self._known, self._marks = file_state(path), frozenset[Mark]()
            tasks.run_read(self, lambda: office_marks(path), self._on_marks, lambda _error: None)
            line.first.clicked.connect(self._act)
            office.pending.changed.connect(self._on_pending)
            self._timer = QTimer(self)
            self._timer.setInterval(_LOOK_MS)
            self._timer.timeout.connect(self.look)
            self._timer.start()
            self._pages = QTimer(self)
            self._pages.setInterval(_PAGES_EVERY_MS)
            self._pages.timeout.connect(self.check_pages)
            self._pages.start()
            QTimer.singleShot(_PAGES_FIRST_MS, self, self.check_pages)

    def sweep(self) -> None:
        """Clear away what a backup that was killed left behind."""
        database = self._office.database
        if not self._stop:
            tasks.run_read(self, lambda: sweep_partials(database), None, lambda _error: None)

    def stop(self) -> None:
        """The window closes: a check of the pages that runs ends at once."""
        self._stop = True

    def _on_marks(self, marks: frozenset[Mark]) -> None:
        self._marks = marks

    # -- the file ----------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Whether the file is still the one that was opened; off the thread of the window, for a disk may hang."""
        path, known, marks = self._office.database.path, self._known, self._marks
        assert path is not None

        def work() -> FileState:
            state = file_state(path, known)
            if state.there and self._gone is not None and not state.same and is_office_of(path, marks):
                return FileState(True, True, state.identity)  # a stick that was put in again
            return state

        tasks.run_read(self, work, self._on_state, lambda _error: None, supersede="file")

    def _on_state(self, state: FileState) -> None:
        if state.there and state.same:
            if self._gone is not None:
                self._come_back(state)
            return
        self._gone = state
        self._say()

    def _say(self) -> None:
        """Say it in the line, with what waits to be saved."""
        state = self._gone
        if state is None:
            return
        waiting = len(self._office.pending.all())
        kept = (
            ngettext("{n} change is not saved yet.", "{n} changes are not saved yet.", waiting).format(n=waiting)
            if waiting else _("What you type is kept.")
        )  # fmt: skip
        if state.there:
            strong, then, act = (
                _("Another file is in the place of the office."), _("Open the office again to go on."), _("Open again"),
            )  # fmt: skip
        else:
            strong, then, act = (
                _("The file of the office is not there any more."), _("Put the stick or disk back in; it goes on by itself."),
                _("Try now"),
            )  # fmt: skip
        self._line.say(strong, f"{kept} {then}", act)
        self._line.show()

    def _on_pending(self) -> None:
        """A save did not get there, or did: look at once why."""
        self._say()
        if self._office.pending.all():
            self.look()

    def _act(self) -> None:
        if self._gone is None:
            return
        if self._gone.there:
            self._window.office_switch.emit(str(self._office.database.path))  # type: ignore[attr-defined]
        else:
            self.look()

    def _come_back(self, state: FileState) -> None:
        self._gone, self._known = None, state
        self._office.database.take_up_file()
        self._line.hide()
        read_again()
        waiting = bool(self._office.pending.all())
        self._office.pending.save_now()
        if not waiting:
            show_toast(self._window, _("The file of the office is back."))

    # -- its pages ---------------------------------------------------------------------------------------------

    def check_pages(self) -> None:
        """Read every page of the file while nobody waits for it; say it where one is damaged."""
        path = self._office.database.path
        if path is None or self._stop:
            return

        def work() -> str:
            try:
                return pages_whole(path, lambda: self._stop)
            except PagesStopped:
                return ""

        tasks.run_read(self, work, self._on_pages, lambda _error: None, supersede="pages")

    def _on_pages(self, problem: str) -> None:
        if not problem:
            return
        choice = dialogs.ask(
            self._window, _("The file of the office is damaged"),
            _("A check in the background found it: {problem}\n\nWork on as little as possible. Look at what is damaged, and "
              "restore the last proven backup.").format(problem=problem),
            [dialogs.Choice("later", _("Later")), dialogs.Choice("check", _("Check the database…")),
             dialogs.Choice("backup", _("Go to the backups"), "primary")],
        )  # fmt: skip
        if choice == "backup":
            self._window.open_page("backup")  # type: ignore[attr-defined]
        elif choice == "check":
            self._window.check_database()  # type: ignore[attr-defined]

    # -- upgrades ----------------------------------------------------------------------------------------------

    def _on_upgrade(self, upgrade: Upgrade | None) -> None:
        self.upgrade = upgrade
        if upgrade is None or upgrade.told:
            return
        tasks.run_read(self, lambda: upgrading.told(upgrade), None, lambda _error: None)
        show_toast(
            self._window, _("The office was upgraded. A copy from before is kept."), _("Go back…"), self.go_back,
            kind="accent", seconds=30,
        )  # fmt: skip

    def go_back(self) -> None:
        """Offer the file from before the upgrade, for the older program."""
        upgrade, database = self.upgrade, self._office.database
        if upgrade is None:
            return
        self._office.read(
            self._window, lambda c: (upgrading.changes_since(c, upgrade), upgrading.needs_password(upgrade)),
            lambda found: self._ask_back(upgrade, *found, database.path),
        )  # fmt: skip

    def _ask_back(self, upgrade: Upgrade, count: int, protected: bool, path: Path | None) -> None:
        when = formats.format_datetime(upgrade.at)
        if path is None:
            text = _(
                "The office was upgraded {when}. The copy from before is {file}.\n\nTo go back, install the older version of the "
                "program on this computer and open the office with it: it offers to put this copy back."
            )
            dialogs.show_message(self._window, _("Back to before the upgrade"),
                                 text.format(when=when, file=upgrade.copy))  # fmt: skip
            return
        since = ngettext(
            "{n} change was made since; it stays in the upgraded file, which is kept beside it.",
            "{n} changes were made since; they stay in the upgraded file, which is kept beside it.", count,
        ).format(n=formats.format_integer(count))  # fmt: skip
        text = _(
            "The office was upgraded {when}. Going back puts the file of before in its place, for the older version of this "
            "program; install that first, for this version would upgrade it again."
        ).format(when=when)
        if dialogs.confirm(self._window, _("Back to before the upgrade?"), text + "\n\n" + since,
                           yes=_("Close the office and go back"), danger=True):  # fmt: skip
            self._ask_password(upgrade, path) if protected else self._put_back(upgrade, path)

    def _ask_password(self, upgrade: Upgrade, path: Path, problem: str = "") -> None:
        """Ask for the password of the copy while the office is still open, until it is the right one or nobody knows it."""
        text = _("The copy of before is protected. Its password:")
        given = dialogs.ask_text(self._window, _("Password"), f"{problem}\n\n{text}".lstrip(), password=True)
        if given is None:
            return
        wrong = _("This password does not open the copy, or the file is damaged. Nothing was changed.")
        tasks.run_read(
            self._window, lambda: upgrading.opens_with(upgrade, given),
            lambda opens: self._put_back(upgrade, path, given) if opens else self._ask_password(upgrade, path, wrong),
        )  # fmt: skip

    def _put_back(self, upgrade: Upgrade, path: Path, password: str | None = None) -> None:
        self._leave(
            _("Going back"),
            lambda progress: upgrading.go_back(path, upgrade, password=password, progress=progress),
            tell_back,
        )


def tell_back(done: object) -> None:
    """Say where both files are."""
    if isinstance(done, WentBack):
        text = _(
            "{file} is as it was before the upgrade; open it with the older version of the program.\n\nThe upgraded file is "
            "kept as {kept}."
        )
        dialogs.show_message(None, _("Back to before the upgrade"), text.format(file=done.file, kept=done.kept))
