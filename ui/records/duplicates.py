"""Likely duplicates of a record that is being written: the same e-mail, phone or tax number."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import Kind
from crm_desktop.core.filters import any_of, where
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.records import queries
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.form import RecordForm
from ui.records.room import clear_layout, later
from ui.records.shown import text_of
from ui.widgets.headers import Banner
from ui.widgets.labels import Label, Link
from ui.widgets.themed import margins

_KEYS = {Kind.EMAIL: "email", Kind.PHONE: "phone", Kind.TAX_ID: ""}
_MOST = 4
Candidate = tuple[int, str, str]


class DuplicateBanner(Banner):
    """Shows records with the same keys as what is typed; a click opens one."""

    def __init__(self, office: Office, navigator: Navigator, entity: str, form: RecordForm) -> None:
        super().__init__(kind="warning", icon="ph.intersect")
        self._office, self._navigator, self._entity, self._form = office, navigator, entity, form
        self._spec = office.database.schema.entity(entity)
        self._fields = [one for one in self._spec.fields if one.kind in _KEYS]
        self._asked: tuple[Any, ...] = ()
        self.candidates: list[Candidate] = []
        self._list = QWidget()
        self._lines = QVBoxLayout(self._list)
        margins(self._list, 0, 4, 0, 4, 2)
        self.text.hide()
        self._layout.addWidget(self._list, 1)
        self._timer = later(self, 350, self._ask)
        self.hide()
        if self._fields:
            form.edited.connect(self._timer.start)

    def _keys(self) -> list[tuple[str, str]]:
        """(field, value) of what would tell the record apart."""
        keys: list[tuple[str, str]] = []
        points = self._form.children_editors.get("points")
        for one in self._fields:
            if one.name in self._form.rows:
                try:
                    value = self._form.rows[one.name].editor.value()
                except FieldError:
                    value = None
                keys += [(one.name, str(value))] if value else []
            elif points is not None and one.child:
                keys += [(one.name, value) for value in points.values_of_kind(_KEYS[one.kind])]
        return keys

    def _ask(self) -> None:
        keys = self._keys()
        if tuple(keys) == self._asked:
            return
        self._asked = tuple(keys)
        if not keys:
            self._show([])
            return
        tree = any_of(*(where(name, "eq", value) for name, value in keys))
        database, entity, spec = self._office.database, self._entity, self._spec
        names = [spec.title_field, *([spec.subtitle_field] if spec.subtitle_field else [])]

        def read(connection: Any) -> list[Candidate]:
            ids = queries.find_ids(database, connection, entity, filter=tree, limit=_MOST)
            rows = queries.fetch_rows(database, connection, entity, ids, names)
            found = []
            for row in rows:
                under = text_of(spec.field(names[-1]), row.values.get(names[-1])) if len(names) > 1 else ""
                found.append((row.id, str(row.values.get(spec.title_field) or ""), under))
            return found

        self._office.read(self, read, self._show, supersede="duplicates")

    def _show(self, found: list[Candidate]) -> None:
        self.candidates = found
        clear_layout(self._lines)
        text = ngettext("This one has the same details:", "These have the same details:", len(found))
        self._lines.addWidget(Label(text, "strong"))
        for record_id, title, under in found:
            link = Link(f"{title}  ·  {under}" if under else title)
            link.setToolTip(_("Open this record"))
            link.activated.connect(
                lambda record_id=record_id: self._navigator.open_record(self._entity, record_id, new_window=True)
            )
            self._lines.addWidget(link)
        self.setVisible(bool(found))
