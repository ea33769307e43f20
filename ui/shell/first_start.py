"""The first page: three doors into an office, and the ways in from somewhere else."""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from crm_desktop.core import i18n, paths
from crm_desktop.core.i18n import _
from ui.framework import dialogs, settings, tasks
from ui.framework.retranslate import switch_language
from ui.shell import joining
from ui.theme.theme import apply_theme, px
from ui.widgets.buttons import Button
from ui.widgets.card_button import DoorCard
from ui.widgets.labels import IconLabel, Label
from ui.widgets.progress import JobRow
from ui.widgets.rail import Logo
from ui.widgets.themed import margins

SPREADSHEETS = "*.xlsx *.xls *.xlsb *.ods *.csv *.tsv *.txt *.vcf *.ics *.CSV *.XLS *.XLSX"


class Doors(Protocol):
    """What the application does when a door is opened."""

    def open(self, target: str, *, page: str = "", remember: bool = True, **params: Any) -> None:
        """Open an office."""

    def open_demo(self) -> None:
        """Open the sample office."""


class FirstStart(QWidget):
    """Where will your customers live? Whole cards click; a spreadsheet may be dropped anywhere."""

    def __init__(self, doors: Doors) -> None:
        super().__init__()
        self.setObjectName("first-start")
        self._doors = doors
        self.setAcceptDrops(True)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._content: QWidget | None = None
        self._build()
        settings.first_size(self)
        tasks.jobs().job_added.connect(self._follow)
        tasks.jobs().job_finished.connect(self._follow)

    def _build(self) -> None:
        if self._content is not None:
            self._layout.removeWidget(self._content)
            self._content.hide()
            self._content.deleteLater()
        self.setWindowTitle("CRM Desktop")
        self._content = QWidget()
        whole = QVBoxLayout(self._content)
        margins(self._content, 24, 12, 24, 12, 0)
        whole.addLayout(self._top())
        whole.addStretch(2)
        whole.addWidget(self._centered(Label(_("Where will your customers live?"), "hero")))
        whole.addSpacing(px(4))
        subtitle = _("You can change your mind later: everything moves, with its history, from one to the other.")
        whole.addWidget(self._centered(Label(subtitle, "lead", "text-muted", wrap=True)))
        whole.addSpacing(px(24))
        whole.addLayout(self._cards())
        whole.addSpacing(px(24))
        self._ways = self._others()
        whole.addWidget(self._ways)
        self._running = QWidget()
        self._running.setFixedWidth(px(480))
        self._rows = QVBoxLayout(self._running)
        self._rows.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._running, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addStretch(3)
        whole.addLayout(self._foot())
        self._layout.addWidget(self._content)
        self._follow()

    def _follow(self, _job: object = None) -> None:
        """While an office is being opened or made, show how far it is, and keep the other doors shut."""
        for row in self._running.findChildren(JobRow):
            self._rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        active = tasks.jobs().active()
        for job in active:
            self._rows.addWidget(JobRow(job))
        self._running.setVisible(bool(active))
        for part in (self._ways, self.own, self.shared, self.sample):
            part.setEnabled(not active)

    @staticmethod
    def _centered(label: Label) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(label, 8 if label.wordWrap() else 0)
        row.addStretch(1)
        if label.wordWrap():
            label.setAlignment(label.alignment() | label.alignment().AlignHCenter)
        return holder

    def _top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addWidget(Logo())
        row.addWidget(Label(_("Welcome"), "section"))
        row.addStretch(1)
        self.language = Button(
            i18n.LANGUAGES[i18n.language()], icon="ph.translate", kind="ghost", trailing="ph.caret-down"
        )
        menu = QMenu(self.language)
        for code, name in i18n.LANGUAGES.items():
            menu.addAction(name).triggered.connect(lambda _checked=False, chosen=code: self._use_language(chosen))
        self.language.clicked.connect(lambda: menu.exec(self.language.mapToGlobal(self.language.rect().bottomLeft())))
        modes = {"system": _("As the system"), "light": _("Light"), "dark": _("Dark")}
        self.mode = Button(modes[settings.THEME.get()], icon="ph.circle-half", kind="ghost", trailing="ph.caret-down")
        looks = QMenu(self.mode)
        for key, name in modes.items():
            looks.addAction(name).triggered.connect(lambda _checked=False, chosen=key: self._use_theme(chosen))
        self.mode.clicked.connect(lambda: looks.exec(self.mode.mapToGlobal(self.mode.rect().bottomLeft())))
        row.addWidget(self.language)
        row.addWidget(self.mode)
        return row

    def _cards(self) -> QHBoxLayout:
        self.own = DoorCard(
            "ph.desktop", _("On this computer"), _("Start from my spreadsheet, or from nothing. Ready in a few seconds."),
            [_("A single file that you own"), _("Works with no network at all"), _("Backed up and test-restored daily")],
            _("Start here"), hue=1, recommended=True,
        )  # fmt: skip
        self.shared = DoorCard(
            "ph.users-three", _("In the office"), _("Join colleagues who already share a database on your network."),
            [_("Everyone sees changes at once"), _("Runs on the office's own PostgreSQL"), _("The same program, the same data")],
            _("Join the office database"), hue=2,
        )  # fmt: skip
        self.sample = DoorCard(
            "ph.compass", _("Look around first"), _("A made-up company with three years of customers, deals and cases."),
            [_("Contacts, deals, calendar, cases"), _("Try, break and undo anything"), _("Gone when you close it")],
            _("Open the sample office"), hue=4,
        )  # fmt: skip
        self.own.clicked.connect(self._start_own)
        self.shared.clicked.connect(self._join)
        self.sample.clicked.connect(self._doors.open_demo)
        row = QHBoxLayout()
        row.setSpacing(px(18))
        row.addStretch(1)
        for card in (self.own, self.shared, self.sample):
            card.setMaximumWidth(px(350))
            row.addWidget(card, 6)
        row.addStretch(1)
        return row

    def _others(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        row.addStretch(1)
        row.addWidget(Label(_("Coming from somewhere else?"), "body", "text-muted"))
        row.addSpacing(px(8))
        restore = Button(_("Restore a backup…"), icon="ph.clock-counter-clockwise")
        restore.clicked.connect(self._restore)
        bring = Button(_("Bring in spreadsheets…"), icon="ph.upload-simple")
        bring.clicked.connect(self._bring_in)
        existing = Button(_("Open a database file…"), icon="ph.folder-open")
        existing.clicked.connect(self._open_existing)
        for button in (restore, bring, existing):
            row.addWidget(button)
        row.addStretch(1)
        return holder

    @staticmethod
    def _foot() -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addWidget(IconLabel("ph.shield-check", "text-muted", 14))
        text = _("No account, no subscription. The program talks to its own database and to nothing else.")
        row.addWidget(Label(text, "secondary", "text-muted", wrap=True), 1)
        return row

    def _use_language(self, code: str) -> None:
        settings.LANGUAGE.set(code)
        application = joining.application()
        switch_language(application, code)

    def _use_theme(self, mode: str) -> None:
        settings.THEME.set(mode)
        apply_theme(joining.application(), mode)
        self._build()

    def _start_own(self) -> None:
        new = not paths.default_database().exists()
        self._doors.open(str(paths.default_database()), page="import" if new else "")

    def _bring_in(self) -> None:
        path = dialogs.choose_file(
            self, _("Bring in a spreadsheet"), _("Spreadsheets and lists") + f" ({SPREADSHEETS})"
        )
        if path is not None:
            self._doors.open(str(paths.default_database()), page="import", path=str(path))

    def _open_existing(self) -> None:
        path = dialogs.choose_file(self, _("Open a database file"), _("Databases") + " (*.crm *.db *.sqlite)")
        if path is not None:
            self._doors.open(str(path))

    def _restore(self) -> None:
        joining.restore_backup(self, self._doors)

    def _join(self) -> None:
        joining.join_office(self, self._doors)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls():
            if url.isLocalFile() and self.own.isEnabled():
                self._doors.open(str(paths.default_database()), page="import", path=url.toLocalFile())
                return

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._build()
        super().changeEvent(event)
