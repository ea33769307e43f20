"""The tab "Relations" of people and companies: everybody around a record, as lists and as a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from crm_desktop.contacts import relations_queries as reads
from crm_desktop.contacts import relations_service as relations
from crm_desktop.contacts.relation_words import relation_word
from crm_desktop.contacts.relations_queries import Person, Place, Surroundings, Tie
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.i18n import N_, _, ngettext, pgettext, translate
from crm_desktop.records.queries import Record
from ui.contacts import relation_lines as lines
from ui.contacts.relation_dialogs import PlaceDialog, RelationDialog, TieDialog
from ui.contacts.relation_graph import RelationGraph
from ui.contacts.relation_lines import Key, RelationList
from ui.framework import dialogs
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.drafts import draft_key
from ui.records.room import no_least_height
from ui.records.saving import show_saved
from ui.records.when_shown import ReadsWhenShown
from ui.theme.icons import icon
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.frames import scrolled
from ui.widgets.labels import Label
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import margins

_WATCHED = ("contact", "company", "deal")
_WIDE = 760
_MOST_PEOPLE = 60
_GROUPS = {
    "places": N_("Companies"), "parents": N_("Belongs to"), "people": N_("People"), "family": N_("Family and friends"),
    "work": N_("Work and business"), "branches": N_("Branches"),
}  # fmt: skip


class RelationsTab(ReadsWhenShown):
    """Everybody around a contact or a company. ``counted`` sends how many are written down."""

    counted = Signal(int)

    def __init__(self, office: Office, navigator: Navigator, entity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office, self._navigator, self._entity = office, navigator, entity
        self._record: Record | None = None
        self.add_place = Button(
            icon="ph.buildings" if entity == "contact" else "ph.user-plus", kind="accent", small=True
        )
        self.add_place.clicked.connect(self.new_place)
        self.add_tie = Button(icon="ph.link", kind="accent", small=True)
        self.add_tie.clicked.connect(self.new_tie)
        self.graph = RelationGraph()
        self.graph.opened.connect(lambda name, record_id: navigator.open_record(name, record_id))
        self.lists: dict[str, RelationList] = {}
        self.titles: dict[str, Label] = {}
        self.summary = Label("", "secondary", "text-muted", wrap=True)
        self._lay_out()
        self.state.retry.connect(self.reload)
        office.records_changed.connect(self._on_records_changed)
        self.retranslate()

    def _lay_out(self) -> None:
        column = QWidget()
        box = QVBoxLayout(column)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for key in _GROUPS:
            title, group = Label("", "section"), RelationList()
            title.setContentsMargins(px(24), px(12), px(24), px(4))
            group.opened.connect(self._open)
            group.button_clicked.connect(lambda chosen, group=group: self._menu(group, chosen))
            group.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            group.customContextMenuRequested.connect(lambda spot, group=group: self._menu_at(group, spot))
            self.titles[key], self.lists[key] = title, group
            box.addWidget(title)
            box.addWidget(group)
        self.summary.setContentsMargins(px(24), px(12), px(24), px(12))
        box.addWidget(self.summary)
        box.addStretch(1)
        self._both = QWidget()
        self._direction = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._both)
        self._direction.setContentsMargins(0, 0, 0, 0)
        self._direction.addWidget(self.graph)
        self._direction.addWidget(column, 1)
        area = scrolled(self._both)
        self.state = StateStack(area, EmptyState("ph.share-network"))
        if isinstance(self.state.empty, EmptyState):
            self.state.empty.action.connect(self.new_place)
            self.state.empty.second_action.connect(self.new_tie)
        self._head = QWidget()
        row = QHBoxLayout(self._head)
        row.addWidget(self.add_place)
        row.addWidget(self.add_tie)
        row.addStretch(1)
        margins(self._head, 16, 8, 24, 0, 4)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._head)
        outer.addWidget(self.state, 1)
        no_least_height(self.state, 48)

    def retranslate(self) -> None:
        """Write the words again."""
        self.add_place.setText(_("Company…") if self._entity == "contact" else _("Person…"))
        self.add_tie.setText(_("Relationship…"))
        for key, text in _GROUPS.items():
            self.titles[key].setText(translate(text))
            self.lists[key].setAccessibleName(translate(text))
        empty = self.state.empty
        if isinstance(empty, EmptyState):
            empty.title.setText(_("Nobody around yet"))
            empty.text.setText(
                _("Other companies with role and period, family, who referred whom, the accountant: add them here.")
            )
            empty.set_button(self.add_place.text(), "ph.plus")
            empty.set_second_button(self.add_tie.text(), "ph.plus")
        self.read_when_shown()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= px(_WIDE)
        direction = QBoxLayout.Direction.RightToLeft if wide else QBoxLayout.Direction.TopToBottom
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft and wide:
            direction = QBoxLayout.Direction.LeftToRight
        if self._direction.direction() != direction:
            self._direction.setDirection(direction)
            self._direction.setStretch(0, 1 if wide else 0)

    # -- reading -----------------------------------------------------------------------------------------------

    def set_record(self, record: Record) -> None:
        """Show who is around a record."""
        other = self._record is None or self._record.id != record.id
        self._record = record
        if other:
            self.state.forget()
        self.read_when_shown()

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if any(event.touches(one) for one in _WATCHED):
            self.read_when_shown()

    def reload(self) -> None:
        """Read again."""
        record, entity = self._record, self._entity
        if record is None:
            return

        def read(connection: Any) -> tuple[Surroundings, list[Person]]:
            people = reads.people_of(connection, record.id, limit=_MOST_PEOPLE) if entity == "company" else []
            return reads.around(connection, entity, record.id), people

        self._office.read(self, read, self._show, self.state.show_error, supersede="relations")

    def _show(self, found: tuple[Surroundings, list[Person]]) -> None:
        around, people = found
        rows = {
            "places": [lines.place_line(one) for one in around.places] if self._entity == "contact" else [],
            "parents": [lines.parent_line(*one) for one in around.parents],
            "people": [lines.person_line(one) for one in people],
            "family": [lines.tie_line(one) for one in around.ties if one.family],
            "work": [lines.tie_line(one) for one in around.ties if not one.family],
            "branches": [lines.branch_line(one) for one in around.branches],
        }
        for key, group in self.lists.items():
            group.set_lines(rows[key])
            group.setVisible(bool(rows[key]))
            self.titles[key].setVisible(bool(rows[key]))
        self._summarise(around, len(people))
        if self._record is not None:
            self.graph.set_nodes(self._entity, self._record.title, lines.nodes(around, people))
        self.counted.emit(around.count)
        something = any(rows.values())
        self._head.setVisible(something)
        if something:
            self.state.show_content()
        else:
            self.state.show_empty()

    def _summarise(self, around: Surroundings, shown: int) -> None:
        text, number = "", around.colleagues
        if self._entity == "contact" and number:
            text = ngettext("{n} colleague in the main company", "{n} colleagues in the main company", number)
        elif self._entity == "company" and number > _MOST_PEOPLE:
            text = _("{n} people in all; the tab “People” has them.")
        self.summary.setText(text.format(n=number))
        self.summary.setVisible(bool(text))

    # -- what can be done --------------------------------------------------------------------------------------

    def _open(self, key: Key) -> None:
        self._navigator.open_record(key.entity, key.record_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        group = next((one for one in self.lists.values() if one.hasFocus()), None)
        key = group.current_key() if group is not None else None
        if isinstance(key, Key) and event.key() == Qt.Key.Key_F2:
            self.edit(key)
        elif isinstance(key, Key) and event.key() == Qt.Key.Key_Delete:
            self.remove(key)
        else:
            super().keyPressEvent(event)

    def _menu_at(self, group: RelationList, spot: QPoint) -> None:
        index = group.indexAt(spot)
        key = group.lines()[index.row()].key if index.isValid() else group.current_key()
        if isinstance(key, Key):
            self._menu(group, key)

    def _menu(self, group: RelationList, key: Key) -> None:
        group.set_current_key(key)
        rect = group.visualRect(group.currentIndex())
        self.menu_of(key, group).popup(group.viewport().mapToGlobal(rect.bottomRight() - QPoint(px(52), px(8))))

    def menu_of(self, key: Key, parent: QWidget) -> QMenu:
        """The menu of a row."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def add(picture: str, text: str, act: Callable[[], object], keys: str = "") -> None:
            action = menu.addAction(icon(picture), text)
            if keys:
                action.setShortcut(QKeySequence(keys))
                action.setShortcutVisibleInContextMenu(True)
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _checked=False: act())

        add("ph.arrow-right", pgettext("action", "Open"), lambda: self._open(key))
        place = key.place
        if place is not None and place.current and not place.main:
            menu.addSeparator()
            add("ph.star", _("Make it the main company"), lambda: self._make_main(place, leaves=False))
            if place.entity == "company":
                add("ph.arrows-left-right", _("Moved here: the old main company ends today"),
                    lambda: self._make_main(place, leaves=True))  # fmt: skip
            add("ph.calendar-x", _("Ended today"), lambda: self._end(place))
        if place is not None or key.tie is not None:
            menu.addSeparator()
            add("ph.pencil-simple", _("Edit…"), lambda: self.edit(key), "F2")
        if (place is not None and not place.main) or key.tie is not None:
            add("ph.trash", _("Remove"), lambda: self.remove(key), "Del")
        return menu

    def new_place(self) -> None:
        """Add a company to a person, or a person to a company."""
        record = self._record
        if record is None:
            return
        other = "company" if self._entity == "contact" else "contact"

        def save(owner: QWidget, values: dict[str, Any], done: Any, failed: Any) -> None:
            picked = values.pop("other")
            contact, company = (record.id, picked) if other == "company" else (picked, record.id)
            self._write(
                N_("Add {other} to {name}"), {"other": dialog.editors["other"].title(), "name": record.title},
                lambda uow: relations.add_affiliation(uow, contact, company, **values), owner, done, failed,
            )  # fmt: skip

        dialog = PlaceDialog(self._office, self, record.title, other, save)
        self._run(dialog, record, "place", "new")

    def new_tie(self) -> None:
        """Add a relationship."""
        record = self._record
        if record is None:
            return

        def save(owner: QWidget, values: dict[str, Any], done: Any, failed: Any) -> None:
            one, other = (record.entity, record.id), values["other"]
            first, second = (other, one) if values["backward"] else (one, other)
            word = translate(relation_word(values["kind"], values["backward"]))
            self._write(
                N_("Add relationship of {name} – {word}: {other}"),
                {"name": record.title, "word": word, "other": dialog.picker.title()},
                lambda uow: relations.add_relationship(
                    uow, first, second, values["kind"], note=values["note"], since=values["since"]
                ), owner, done, failed,
            )  # fmt: skip

        dialog = TieDialog(self._office, self, (record.entity, record.id, record.title), save)
        self._run(dialog, record, "tie", "new")

    def edit(self, key: Key) -> None:
        """Open the form of a row."""
        if key.place is not None:
            self._edit_place(key.place)
        elif key.tie is not None:
            self._edit_tie(key.tie)

    def _edit_place(self, place: Place) -> None:
        record = self._record
        if record is None:
            return

        def save(owner: QWidget, values: dict[str, Any], done: Any, failed: Any) -> None:
            def work(uow: Any) -> None:
                if place.main:
                    relations.update_main(uow, record.id, values)
                else:
                    relations.update_affiliation(uow, place.affiliation_id, values)

            params = {"other": place.title, "name": record.title}
            self._write(N_("Edit {other} of {name}"), params, work, owner, done, failed)

        dialog = PlaceDialog(self._office, self, record.title, place.entity, save, place)
        self._run(dialog, record, "place", "main" if place.main else place.affiliation_id)

    def _edit_tie(self, tie: Tie) -> None:
        record = self._record
        if record is None:
            return

        def save(owner: QWidget, values: dict[str, Any], done: Any, failed: Any) -> None:
            word = translate(relation_word(values["kind"], values["backward"]))
            self._write(
                N_("Edit relationship of {name} – {word}: {other}"),
                {"name": record.title, "word": word, "other": tie.title},
                lambda uow: relations.update_relationship(
                    uow, tie.relationship_id, values, turn=values["backward"] != tie.backward
                ), owner, done, failed,
            )  # fmt: skip

        dialog = TieDialog(self._office, self, (record.entity, record.id, record.title), save, tie)
        self._run(dialog, record, "tie", tie.relationship_id)

    def _run(self, dialog: RelationDialog, record: Record, *what: object) -> None:
        """Show a form; what is written in it is kept as a draft of the record."""
        dialog.keep_draft(draft_key(self._office, "relation", record.entity, record.id, *what), record.title)
        dialogs.run_dialog(dialog)

    def remove(self, key: Key) -> None:
        """Take a row away; Undo brings it back. The main company is not taken away here."""
        record, place, tie = self._record, key.place, key.tie
        if record is None:
            return
        if place is not None and not place.main:
            self._write(
                N_("Remove {other} from {name}"), {"other": place.title, "name": record.title},
                lambda uow: relations.remove_affiliations(uow, [place.affiliation_id]),
            )  # fmt: skip
        elif tie is not None:
            self._write(
                N_("Remove relationship of {name} – {word}: {other}"),
                {"name": record.title, "word": translate(tie.word), "other": tie.title},
                lambda uow: relations.remove_relationships(uow, [tie.relationship_id]),
            )  # fmt: skip

    def _make_main(self, place: Place, *, leaves: bool) -> None:
        record = self._record
        if record is not None:
            person, company = (record.title, place.title) if place.entity == "company" else (place.title, record.title)
            self._write(
                N_("Make {company} the main company of {name}"), {"company": company, "name": person},
                lambda uow: relations.make_main(uow, place.affiliation_id, leaves=leaves),
            )  # fmt: skip

    def _end(self, place: Place) -> None:
        record = self._record
        if record is not None:
            self._write(
                N_("End {other} of {name}"), {"other": place.title, "name": record.title},
                lambda uow: relations.end_affiliation(uow, place.affiliation_id),
            )  # fmt: skip

    def _write(
        self, title: str, params: Mapping[str, str], work: Callable[[Any], Any], owner: QWidget | None = None,
        done: Callable[[], None] | None = None, failed: Callable[[Exception], None] | None = None,
    ) -> None:  # fmt: skip
        def finished(_result: Any) -> None:
            if done is not None:
                done()
            show_saved(self, self._navigator, _("Saved: {what}").format(what=translate(title).format(**params)))
            self.reload()

        self._office.write(owner or self, title, work, finished, failed, params=params)
