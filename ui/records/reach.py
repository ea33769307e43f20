"""Every phone, e-mail, profile, address and document of a record: a click acts, the pencil edits, Ctrl+C copies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Kind
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.identifiers import check_identifier, format_identifier
from crm_desktop.core.reach import call_url, map_url, network_of, parse_profile, whatsapp_url
from crm_desktop.records import queries, service
from crm_desktop.records.queries import Record
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.reach_words import SHOWN_CHILDREN, Row, address_lines, sorted_rows, words_of
from ui.records.record_dialog import open_edit
from ui.records.saving import sentence_for, show_saved
from ui.widgets.buttons import Button
from ui.widgets.editor_base import PhoneEditor, ValueEditor
from ui.widgets.facts import Fact, FactsGrid
from ui.widgets.labels import Label

_FIRST = "★"
"""Behind the label of the one that is used first, where there are several of a kind; the tip says it in words."""
_EDITORS = {"email": Kind.EMAIL, "web": Kind.URL}


class ReachPanel(QWidget):
    """All ways to reach a record. ``saved`` is sent after one was edited."""

    saved = Signal()

    def __init__(self, office: Office, navigator: Navigator, spec: Entity, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office, self._navigator, self._spec = office, navigator, spec
        self._record: Record | None = None
        self.locked = False
        """Whether the record may be read but not changed."""
        self._rows: dict[str, tuple[str, Row]] = {}
        self.title = Label("", "section")
        self.edit = Button(icon="ph.pencil-simple", kind="accent", small=True)
        self.edit.clicked.connect(self._open_form)
        self.grid = FactsGrid(self._editor, columns=2, stretch=(1, 1), padding=(24, 8, 24, 12))
        self.grid.edit_committed.connect(self._save)
        self.grid.link_activated.connect(self._follow)
        self.grid.icon_activated.connect(self._chat)
        self.none = Label("", "body", "text-muted")
        self.none.setContentsMargins(24, 8, 24, 8)
        head = QHBoxLayout()
        head.setContentsMargins(24, 8, 16, 0)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.edit)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(head)
        box.addWidget(self.grid)
        box.addWidget(self.none)

    def set_record(self, record: Record, title: str) -> None:
        """Show everything of a record."""
        if self._record is not None and self._record.id != record.id:
            self.grid.leave_editors()
        self._record = record
        self.title.setText(title)
        self.edit.setText(_("Add or edit…"))
        self.edit.setAccessibleName(_("Add or edit phones, e-mails, addresses and documents"))
        self.none.setText(_("No phone, e-mail or address yet"))
        self._rows = {
            f"{name}:{row['id']}": (name, row)
            for name in SHOWN_CHILDREN
            for row in sorted_rows(record.children.get(name, ()))
        }
        facts = [self._fact(key, name, row) for key, (name, row) in self._rows.items()]
        if self.locked:
            facts = [replace(one, editable=False) for one in facts]
        self.edit.setVisible(not self.locked)
        self.grid.set_facts(facts)
        self.grid.setVisible(bool(facts))
        self.none.setVisible(not facts)

    # -- as facts ----------------------------------------------------------------------------------------------

    def _fact(self, key: str, name: str, row: Row) -> Fact:
        if name == "points":
            return self._point(key, row)
        return self._address(key, row) if name == "addresses" else self._document(key, row)

    def _point(self, key: str, row: Row) -> Fact:
        kind, value = str(row["kind"]), str(row["value"] or "")
        label, text = words_of(self._spec, "points", row)
        network = network_of(value) if kind in ("messenger", "social") else None
        chat = whatsapp_url(value, row["label"]) if kind == "phone" else ""
        return Fact(
            key, self._primary("points", label, row), text, value, link=bool(self._link("points", row)),
            icon="ph.whatsapp-logo" if chat else network.icon if network else "",
            icon_tip=_("Write on WhatsApp") if chat else "", tooltip=self._tip(row, str(row.get("note") or "")),
            copied=text if kind == "phone" else value,
        )  # fmt: skip

    def _address(self, key: str, row: Row) -> Fact:
        label, text = words_of(self._spec, "addresses", row)
        lines = "\n".join(address_lines(row))
        return Fact(
            key, self._primary("addresses", label, row), text, editable=False, link=True, span=2,
            icon="ph.map-trifold", icon_tip=_("Look it up on a map"), tooltip=self._tip(row, lines), copied=lines,
        )  # fmt: skip

    def _document(self, key: str, row: Row) -> Fact:
        label, text = words_of(self._spec, "identifiers", row)
        value = str(row["value"] or "")
        if row["unchecked"]:
            return Fact(
                key, label, text, value, icon="ph.warning-circle", icon_color="warning", tooltip=_("Not checked")
            )
        return Fact(key, label, text, value, copied=text)

    @staticmethod
    def _tip(row: Row, text: str) -> str:
        return "\n".join(filter(None, (text, _("Used first") if row["is_primary"] else "")))

    def _primary(self, child: str, label: str, row: Row) -> str:
        """The label with a mark on the one that is used first, where there are several of its kind."""
        same = [one for name, one in self._rows.values() if name == child and one.get("kind") == row.get("kind")]
        return f"{label} {_FIRST}" if row["is_primary"] and len(same) > 1 else label

    # -- acting ------------------------------------------------------------------------------------------------

    @staticmethod
    def _link(name: str, row: Row) -> str:
        if name == "addresses":
            return map_url(address_lines(row))
        if name != "points" or not row["value"]:
            return ""
        value = str(row["value"])
        match row["kind"]:
            case "phone":
                return call_url(value)
            case "email":
                return f"mailto:{value}"
        return value if ":" in value.partition("/")[0] else f"https://{value}"

    def _follow(self, key: str) -> None:
        if key in self._rows:
            QDesktopServices.openUrl(QUrl(self._link(*self._rows[key])))

    def _chat(self, key: str) -> None:
        name, row = self._rows[key]
        if name == "addresses":
            self._follow(key)
        else:
            QDesktopServices.openUrl(QUrl(whatsapp_url(row["value"], row["label"])))

    def _open_form(self) -> None:
        if self._record is not None:
            open_edit(self._office, self._navigator, self, self._spec.name, self._record.id)

    # -- editing -----------------------------------------------------------------------------------------------

    def _editor(self, key: str, parent: QWidget) -> Any:
        name, row = self._rows[key]
        if name == "identifiers":
            if row["unchecked"]:
                return ValueEditor(Kind.TEXT, parent=parent)
            return ValueEditor(
                Kind.TEXT, parse=lambda text: check_identifier(row["kind"], text, row["country"])[0],
                show=lambda value: format_identifier(row["kind"], value, row["country"]), parent=parent,
            )  # fmt: skip
        kind = str(row["kind"])
        if kind == "phone":
            return PhoneEditor(parent=parent)
        if kind in _EDITORS:
            return ValueEditor(_EDITORS[kind], parent=parent)
        return ValueEditor(Kind.TEXT, parse=lambda text: parse_profile(kind, text), parent=parent)

    def _save(self, key: str, value: Any) -> None:
        record, (name, row) = self._record, self._rows[key]
        if record is None:
            return
        database, entity, label = self._office.database, record.entity, self._fact(key, name, row).label

        def work(uow: Any) -> None:
            stored = queries.get_record(database, uow.connection, entity, record.id).children.get(name, ())
            rows = [{**one, "value": value} if one["id"] == row["id"] else one for one in stored]
            kept = [one for one in rows if one["id"] != row["id"] or value]
            service.update_record(uow, entity, record.id, {}, children={name: kept})

        def done(_result: Any) -> None:
            show_saved(self, self._navigator, _("{label} saved").format(label=label))
            self.saved.emit()

        def failed(error: Exception) -> None:
            if key in self._rows:
                self.grid.set_error(key, sentence_for(error, name), value)

        self._office.write(
            self, N_("Edit {label}: {title}"), work, done, failed, params={"label": label, "title": record.title}
        )
