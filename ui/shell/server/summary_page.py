"""The end: what colleagues have to type, to be copied or printed and handed out."""

from __future__ import annotations

import platform
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core import clock, formats
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.reporting.document import Column, Document, Row, Table, Text
from crm_desktop.security import keyring_store
from ui.backup.restore_words import checks_words
from ui.framework import tasks
from ui.framework.scratch import scratch_folder
from ui.records.print_window import show_print
from ui.shell.server.parts import MOVE, TLS_WORDS, Plan, WizardPage
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.frames import scrolled
from ui.widgets.headers import Banner, Panel, SectionHeader
from ui.widgets.labels import Label
from ui.widgets.themed import margins
from ui.widgets.toast import show_toast


class SummaryPage(WizardPage):
    """What was made, the connection in words, the people with their first passwords; copy, print, open."""

    scrolls = True

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.heading(_("The office is on the server"), self._said())
        self._kept = keyring_store.available()
        inner = QWidget()
        column = QVBoxLayout(inner)
        problems = plan.moved.problems if plan.moved is not None else None
        if problems:
            column.addWidget(Banner(checks_words(problems), kind="warning", icon="ph.warning"))
        column.addWidget(self._panel(_("What your colleagues type"), self.facts()))
        if plan.address.local:
            column.addWidget(Banner(
                _("The server is this very computer. From the others it is reached by its name on the network, once it listens there (see the admin guide)."),
                kind="accent", icon="ph.info",
            ))  # fmt: skip
        people = self.people()
        if people:
            column.addWidget(self._panel(_("People and their first passwords"), people))
            column.addWidget(Banner(
                _("Hand each password to its person and to nobody else. They choose their own under My account. This list is shown once."),
                kind="warning", icon="ph.key",
            ))  # fmt: skip
        column.addStretch(1)
        margins(inner, 0, 0, 8, 0, 12)
        self._box.addWidget(scrolled(inner, focus=True), 1)
        self.keep = QCheckBox(_("Keep my password in this computer's keyring"))
        self.keep.setChecked(self._kept)
        self.keep.setVisible(self._kept)
        self.copy = Button(_("Copy"), icon="ph.copy")
        self.print = Button(_("Print…"), icon="ph.printer")
        self.copy.clicked.connect(self._copy)
        self.print.clicked.connect(self._print)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addWidget(self.keep)
        row.addStretch(1)
        row.addWidget(self.copy)
        row.addWidget(self.print)
        self._box.addLayout(row)

    def action(self) -> str:
        return _("Open the office") if self.plan.backup is None else _("Open it there")

    def _said(self) -> str:
        verified = self.plan.moved.verified if self.plan.moved is not None else None
        if verified is None:
            return _(
                "It is empty but for you. Add your colleagues under Settings; the server protects each person's rights by itself."
            )
        if self.plan.backup is not None and not self.plan.backup.beside:
            words = ngettext(
                "{n} row in {tables} tables, {files} files and {reports} reports are the same as in the backup.",
                "{n} rows in {tables} tables, {files} files and {reports} reports are the same as in the backup.",
                verified.rows,
            )  # fmt: skip
        elif self.plan.backup is not None:
            words = ngettext(
                "{n} row in {tables} tables, {files} files and {reports} reports are the same as in the backup. Today's office was not changed.",
                "{n} rows in {tables} tables, {files} files and {reports} reports are the same as in the backup. Today's office was not changed.",
                verified.rows,
            )  # fmt: skip
        else:
            words = ngettext(
                "{n} row in {tables} tables, {files} files and {reports} reports are the same on both sides. The file on this computer is kept as it was.",
                "{n} rows in {tables} tables, {files} files and {reports} reports are the same on both sides. The file on this computer is kept as it was.",
                verified.rows,
            )  # fmt: skip
        return words.format(
            n=formats.format_integer(verified.rows), tables=verified.tables, files=verified.files, reports=verified.reports
        )  # fmt: skip

    def facts(self) -> list[tuple[str, ...]]:
        """What is typed on the other computers: (word, value)."""
        address = self.plan.address
        rows: list[tuple[str, ...]] = [
            (_("Server"), platform.node() or address.host if address.local else address.host), (_("Port"), str(address.port)), (_("Database"), address.database),
            (_("Connection"), translate(TLS_WORDS[address.tls])),
        ]  # fmt: skip
        if address.ca_file:
            rows.append((_("Certificate file"), Path(address.ca_file).name))
        if address.fingerprint:
            rows.append((_("Fingerprint"), address.fingerprint))
        if self.plan.mode != MOVE:
            rows.append((_("Your name on the server"), address.user))
        return rows

    def people(self) -> list[tuple[str, ...]]:
        """Everybody but the one who moved the office: (name, login, first password)."""
        return [(one.name, one.login, one.password) for one in self.plan.movers[1:]]

    @staticmethod
    def _panel(title: str, rows: list[tuple[str, ...]]) -> Panel:
        panel, holder, grid = Panel(SectionHeader(title)), QWidget(), QGridLayout()
        holder.setLayout(grid)
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(6))
        for line, row in enumerate(rows):
            for place, text in enumerate(row):
                first = len(row) == 2 and not place
                label = Label(
                    text,
                    "body" if place else "name",
                    "text-muted" if first else "text",
                    wrap=True,
                    selectable=bool(place),
                )
                if first:
                    label.set_role("body")
                grid.addWidget(label, line, place)
        grid.setColumnStretch(len(rows[0]) - 1, 1)
        margins(holder, 16, 12, 16, 12)
        panel.body.addWidget(holder)
        return panel

    def as_text(self) -> str:
        """All of it as lines of text."""
        lines = [f"{word}: {value}" for word, value in self.facts()]
        lines += ["", *(" · ".join(row) for row in self.people())] if self.people() else []
        return "\n".join(lines)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.as_text())
        show_toast(self, _("Copied"))

    def document(self) -> Document:
        """It on paper."""
        facts = Table(
            (Column("word", ""), Column("value", "", weight=3)),
            tuple(Row((word, value)) for word, value in self.facts()),
        )
        blocks: list[Text | Table] = [
            Text(_("On the first page of CRM Desktop choose “In the office”, and type:")),
            facts,
        ]
        if self.people():
            columns = (Column("name", _("Name")), Column("login", _("Login")), Column("password", _("First password")))
            rows = tuple(Row(row) for row in self.people())
            blocks += [Text(_("People and their first passwords"), bold=True), Table(columns, rows)]
        return Document(_("How to join the office"), tuple(blocks), as_of=clock.now())

    def _print(self) -> None:
        from crm_desktop.reporting.output import write_document  # lazy: paper is heavy

        document, path = self.document(), scratch_folder() / "join.pdf"
        tasks.run_read(
            self, lambda: write_document(document, str(path)), lambda made: show_print(self, document.title, made)
        )

    def keep_password(self) -> None:
        """Put the password where it was wanted."""
        if self.keep.isChecked() and self._kept:
            password = self.plan.movers[0].password if self.plan.mode == MOVE else self.plan.owner.password
            keyring_store.save(self.plan.address.url(), password)

    def go_on(self) -> None:
        """Open the office."""
        self.keep_password()
        self.done.emit()
