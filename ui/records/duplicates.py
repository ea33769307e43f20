"""Likely duplicates of a record that is being written: shown while typing, and asked about once before saving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import Kind
from crm_desktop.core.filters import any_of, where
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.dedupe import explain, lookup, settings
from crm_desktop.dedupe.lookup import Candidate
from crm_desktop.dedupe.rules import TYPING
from crm_desktop.records import queries, unseen
from ui.framework import dialogs, tasks
from ui.framework.dialogs import Choice
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.form import RecordForm
from ui.records.room import clear_layout, later
from ui.records.shown import label_of, text_of
from ui.widgets.badges import Badge
from ui.widgets.headers import Banner
from ui.widgets.labels import ElidedLabel, Label, Link
from ui.widgets.themed import margins

_KEYS = {Kind.EMAIL: "email", Kind.PHONE: "phone", Kind.TAX_ID: ""}
_MOST = 4
_WAIT_MS = 350
USUAL_SAME = 90


class DuplicateBanner(Banner):
    """Shows records that may be the same as what is typed, with score and reasons; a click opens one."""

    def __init__(self, office: Office, navigator: Navigator, entity: str, form: RecordForm) -> None:
        super().__init__(kind="warning", icon="ph.intersect")
        self._office, self._navigator, self._entity, self._form = office, navigator, entity, form
        self._spec = office.database.schema.entity(entity)
        self._fields = [one for one in self._spec.fields if one.kind in _KEYS]
        self._scored = settings.has_rule(entity)
        self._asked: Any = None
        self._same_from = USUAL_SAME
        self._accepted: set[int] = set()
        self.candidates: list[Candidate] = []
        self._unseen_here = False
        self._list = QWidget()
        self._lines = QVBoxLayout(self._list)
        margins(self._list, 0, 4, 0, 4, 2)
        self.text.hide()
        self._layout.addWidget(self._list, 1)
        self._timer = later(self, _WAIT_MS, self._ask)
        self.hide()
        if self._fields:
            form.edited.connect(self._timer.start)

    # -- what is typed -----------------------------------------------------------------------------------------

    def _typed(self) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
        """(values, child rows), as far as they can be read yet."""
        values: dict[str, Any] = {}
        for name, row in self._form.rows.items():
            try:
                value = row.editor.value()
            except FieldError:
                value = None
            if value not in (None, "", False):
                values[name] = value
        children = {name: editor.draft_rows() for name, editor in self._form.children_editors.items()}
        return values, children

    def _keys(self) -> list[tuple[str, str]]:
        """(field, value) of what would tell the record apart, for record types without a rule."""
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

    def _work(self) -> tuple[Any, Callable[[Any], tuple[list[Candidate], int]]]:
        """(what is asked, how it is looked up)."""
        database, entity, spec = self._office.database, self._entity, self._spec
        if self._scored:
            values, children = self._typed()

            def scored(connection: Any) -> tuple[list[Candidate], int]:
                rule = settings.rule_for(connection, entity, TYPING)
                found = lookup.candidates(database, connection, entity, values, children, limit=_MOST)
                return found, rule.same_from

            return (values, children), scored
        keys = self._keys()
        names = [spec.title_field, *([spec.subtitle_field] if spec.subtitle_field else [])]

        def by_key(connection: Any) -> tuple[list[Candidate], int]:
            if not keys:
                return [], USUAL_SAME
            tree = any_of(*(where(name, "eq", value) for name, value in keys))
            ids = queries.find_ids(database, connection, entity, filter=tree, limit=_MOST)
            found = []
            for row in queries.fetch_rows(database, connection, entity, ids, names):
                under = text_of(spec.field(names[-1]), row.values.get(names[-1])) if len(names) > 1 else ""
                found.append(Candidate(row.id, str(row.values.get(spec.title_field) or ""), under, 0, ()))
            return found, USUAL_SAME

        return keys, by_key

    def _ask(self) -> None:
        asked, work = self._work()
        if asked == self._asked:
            return
        self._asked = asked
        self._office.read(self, work, self._show, lambda _error: self._show(([], USUAL_SAME)), supersede="duplicates")
        self._ask_unseen()

    def _ask_unseen(self) -> None:
        """Whether a colleague has a customer with an e-mail that is typed: whom, nobody is told who does not see them."""
        points = self._form.children_editors.get("points")
        typed = points.values_of_kind("email") if points is not None else []
        database = self._office.database
        if not typed or database.access.everything:
            self._show_unseen(False)
            return

        def look() -> bool:
            with database.read_all() as connection:
                return bool(unseen.unseen_emails(database, connection, typed))

        tasks.run_read(self, look, self._show_unseen, lambda _error: self._show_unseen(False), supersede="unseen")

    def _show_unseen(self, here: bool) -> None:
        if here != self._unseen_here:
            self._unseen_here = here
            self._show((self.candidates, self._same_from))

    # -- what is shown -----------------------------------------------------------------------------------------

    def _show(self, result: tuple[list[Candidate], int]) -> None:
        self.candidates, self._same_from = result
        clear_layout(self._lines)
        found = self.candidates
        if self._unseen_here:
            self._lines.addWidget(Label(_(unseen.HELD), "strong"))
        if self._scored:
            text = ngettext("This one may be the same:", "These may be the same:", len(found))
        else:
            text = ngettext("This one has the same details:", "These have the same details:", len(found))
        if found:
            self._lines.addWidget(Label(text, "strong"))
        labels = {one.name: label_of(one) for one in self._spec.fields}
        for one in found:
            self._lines.addWidget(self._line(one, labels))
        self._lines.activate()
        self._layout.activate()
        self.setMinimumHeight(self.sizeHint().height())  # a form that is too long would squeeze it
        self.setVisible(bool(found) or self._unseen_here)

    def _line(self, one: Candidate, labels: dict[str, str]) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        name = f"{one.title}  ·  {one.under}" if one.under else one.title
        link = Link(name)
        link.setToolTip(_("Open this record"))
        link.activated.connect(lambda: self._open(one.id))
        row.addWidget(link)
        if one.reasons:
            why = explain.sentence(one.reasons, labels)
            badge = Badge(str(one.score), "danger" if one.score >= self._same_from else "warning")
            badge.setToolTip(_("How likely it is the same, 0 to 100"))
            row.addWidget(badge)
            row.addWidget(ElidedLabel(why, "secondary", "text-muted"), 1)
            link.setAccessibleName(
                _("{name}, {score} of 100: {reasons}").format(name=name, score=one.score, reasons=why)
            )
        else:
            row.addStretch(1)
        margins(line, 0, 0, 8, 0, 8)
        return line

    def _open(self, record_id: int) -> None:
        self._navigator.open_record(self._entity, record_id, new_window=True)

    # -- before saving -----------------------------------------------------------------------------------------

    def before_save(self, proceed: Callable[[], None], stay: Callable[[], None]) -> None:
        """Look once more, and ask where a record is surely the same; then ``proceed`` or ``stay``."""
        if not self._scored:
            proceed()
            return
        self._asked, work = self._work()

        def decide(result: tuple[list[Candidate], int]) -> None:
            self._show(result)
            best = next((one for one in self.candidates if one.score >= self._same_from), None)
            if best is None or best.id in self._accepted:
                proceed()
            else:
                self._decide(best, proceed, stay)

        self._office.read(self, work, decide, lambda _error: proceed(), supersede="duplicates")

    def _decide(self, best: Candidate, proceed: Callable[[], None], stay: Callable[[], None]) -> None:
        labels = {one.name: label_of(one) for one in self._spec.fields}
        answer = dialogs.ask(
            self, _("{title} is here already").format(title=best.title),
            _("This looks like the same record: {reasons}.").format(reasons=explain.sentence(best.reasons, labels)),
            [Choice("cancel", _("Cancel")), Choice("save", _("Save anyway")), Choice("open", _("Open the other"), "primary")],
        )  # fmt: skip
        if answer == "save":
            self._accepted.add(best.id)
            proceed()
            return
        stay()
        if answer == "open":
            self._open(best.id)
