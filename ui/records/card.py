"""The card of a record: head, facts, next step, and tabs with everything that belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core.errors import RecordGone
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.fields import Field
from crm_desktop.core.i18n import _, translate
from crm_desktop.records import custom, files_service, queries
from crm_desktop.records.queries import Record
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.card_doing import CardDoing
from ui.records.card_header import CardActions, CardHeader
from ui.records.card_rights import CardRights
from ui.records.card_tabs import CardTabs
from ui.records.card_views import CardViews
from ui.records.details import DetailsTab
from ui.records.facts_edit import RecordFacts
from ui.records.files import FilesTab
from ui.records.gone import GoneBanner
from ui.records.history_tab import HISTORY
from ui.records.kit import CardKit, Matter, Matters, NextStep
from ui.records.matters import MattersStrip, StepLine
from ui.records.presence import CardPresence
from ui.records.related import RelatedTab, count_related
from ui.records.room import no_least_height
from ui.records.timeline import TimelineTab
from ui.theme.theme import px
from ui.widgets.labels import Hairline
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.tabs import Tab

TIMELINE, DETAILS, FILES = "timeline", "details", "files"
_MATTERING = ("activity", "deal", "case")
_SMALL = 760
"""A card lower than this shows one row of facts."""

_NARROW = 400


class RecordCard(CardDoing):
    """One record. ``step_requested`` asks the list for the record above or below; ``gone`` says it was deleted."""

    step_requested = Signal(int)
    gone = Signal()
    loaded = Signal()

    def __init__(
        self, office: Office, navigator: Navigator, entity: str, kit: CardKit, *, alone: bool = False,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__("surface", parent)
        kit = replace(kit, tabs=(*kit.tabs, HISTORY))
        self.office, self.navigator, self.kit = office, navigator, kit
        self.spec = office.database.schema.entity(entity)
        self.record: Record | None = None
        self.record_id: int | None = None
        self.fields: Sequence[Field] = ()
        self._stale = False
        self._last_size = (True, True)
        self._given: dict[str, Record] = {}
        self._wanted_note: int | None = None
        self._done_here = False
        self.setAcceptDrops(True)
        self.lost = GoneBanner(office)
        self.header = CardHeader(office, self.spec, kit, alone=alone)
        self.presence = CardPresence(office, self, self.header.present)
        self.buttons = CardActions(office, self.spec, kit)
        self.rights = CardRights(self)
        self.extra = kit.extra(office, navigator) if kit.extra is not None else None
        self.facts = RecordFacts(office, navigator, padding=(24, 12, 24, 4 if kit.matters is not None else 12))
        self.matters = MattersStrip()
        self.matters.hide()
        self.next_step = StepLine()
        self._step: NextStep | None = None
        self.tabs = CardTabs(padding=16, gap=0)
        self.timeline = TimelineTab(office, navigator, self.spec, kit)
        self._related = {f"related-{one.entity}-{i}": one for i, one in enumerate(kit.related)}
        self.pages = QStackedWidget()
        self.views = CardViews(self._makers(), self._on_made)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _makers(self) -> dict[str, Callable[[], Any]]:
        office, navigator, spec = self.office, self.navigator, self.spec
        return {
            TIMELINE: lambda: self.timeline,
            DETAILS: lambda: DetailsTab(office, navigator, spec),
            **{key: partial(RelatedTab, office, navigator, one) for key, one in self._related.items()},
            **{one.key: partial(one.make, office, navigator, spec.name) for one in self.kit.tabs},
            FILES: lambda: FilesTab(office, spec),
        }

    def _on_made(self, key: str, view: Any) -> None:
        """A tab is looked at for the first time."""
        self.pages.addWidget(view)
        self.rights.lock_tab(view)
        if key == DETAILS:
            view.setEnabled(self.lost.isHidden())
        if hasattr(view, "counted"):
            view.counted.connect(lambda count: self._on_counted(key, count))

    @property
    def details(self) -> DetailsTab:
        """The tab with all fields."""
        return self.views[DETAILS]  # type: ignore[no-any-return]

    @property
    def files(self) -> FilesTab:  # type: ignore[override]
        """The tab with the files."""
        return self.views[FILES]  # type: ignore[no-any-return]

    def _lay_out(self) -> None:
        self.views[TIMELINE]
        body = QWidget()
        box = QVBoxLayout(body)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        head = (self.lost, self.header, self.presence.line, self.buttons, Hairline(), self.rights.line, self.extra)
        for widget in (*head, self.facts, self.matters, self.next_step, self.tabs):
            if widget is not None:
                box.addWidget(widget)
        box.addWidget(self.pages, 1)
        no_least_height(self.pages, 160)
        self.next_step.hide()
        self.state = StateStack(body, EmptyState("ph.cursor"), loading="lines")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.state)
        no_least_height(self.state, 160)
        self.state.show_empty()

    def _connect(self) -> None:
        self.header.step_requested.connect(self.step_requested)
        self.header.window_requested.connect(self.open_window)
        self.header.link_requested.connect(lambda entity, record_id: self.navigator.open_record(entity, record_id))
        self.header.tags_changed.connect(self._save_tags)
        self.buttons.action_requested.connect(self._run_action)
        self.buttons.note_requested.connect(self.write_note)
        self.buttons.log_requested.connect(self.log_call)
        self.buttons.file_requested.connect(self.attach)
        self.buttons.edit_requested.connect(self.edit)
        self.buttons.delete_requested.connect(self.delete)
        self.buttons.print_requested.connect(self.print_card)
        self.buttons.sight_requested.connect(self.rights.show_sight)
        self.rights.line.asked.connect(self.rights.show_sight)
        self.matters.activated.connect(self._open_matter)
        self.next_step.done_requested.connect(self._complete_step)
        self.next_step.plan_requested.connect(lambda: self.make("activity"))
        self.next_step.open_requested.connect(self._open_step)
        self.timeline.rolled_up.connect(lambda _on: self._read_matters())
        self.tabs.changed.connect(self.show_tab)
        self.buttons.command_requested.connect(self._run_command)
        self.state.retry.connect(self.reload)
        self.office.records_changed.connect(self._on_records_changed)
        self.office.access_changed.connect(self._on_access_changed)

    def _on_access_changed(self) -> None:
        """What one may do with the record, and which of its fields one sees, may be other now."""
        self.retranslate()
        self.show_tab(self.tabs.current_key())
        self._read_later()

    def _on_counted(self, key: str, count: int) -> None:
        given = self._given.get(key)
        if given is not None and given.id == self.record_id:  # a tab that was left may still count for another record
            self._badge(key, count)

    def _badge(self, key: str, count: int) -> None:
        kind = self._related[key].badge if key in self._related else "neutral"
        self.tabs.set_badge(key, str(count) if count else "", kind)

    def retranslate(self) -> None:
        """Write the words again."""
        self.header.retranslate()
        self.buttons.retranslate()
        self.next_step.retranslate()
        tabs = [Tab(TIMELINE, _("Timeline")), Tab(DETAILS, _("Details"))]
        tabs += [Tab(key, translate(one.label)) for key, one in self._related.items() if self.rights.lists(one)]
        tabs += [Tab(one.key, translate(one.label)) for one in self.kit.tabs]
        self.tabs.set_tabs([*tabs, Tab(FILES, _("Files"))])
        self.tabs.setAccessibleName(_("Parts of the record"))
        empty = self.state.empty
        if isinstance(empty, EmptyState):
            empty.title.setText(_("Nothing chosen"))
            empty.text.setText(_("Choose a line in the list to see the whole record here."))
            empty.set_button("")
            empty.set_second_button("")
        if self.record is not None:
            self._given.clear()
            self._show(self.record)
            self._read_badges()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    # -- the record --------------------------------------------------------------------------------------------

    def set_record(self, record_id: int | None) -> None:
        """Show another record, or none."""
        if record_id == self.record_id and self.record is not None:
            return
        self.record_id = record_id
        self.record = None
        self._set_lost(False)
        self.presence.set_record(self.spec.name, record_id)
        if record_id is None:
            self.state.show_empty()
            return
        self.state.show_loading()
        self.reload()

    def reload(self) -> None:
        """Read the record again."""
        record_id = self.record_id
        if record_id is None:
            return
        self._stale = False
        database, entity, rolled_up = self.office.database, self.spec.name, self.timeline.rolls_up

        def read(connection: Any) -> tuple[Record, Sequence[Field], Matters]:
            record = queries.get_record(database, connection, entity, record_id)
            matters = self._matters_of(connection, record_id, rolled_up)
            return record, custom.fields_of(database, entity, connection), matters

        self.office.read(self, read, self._on_read, self._on_failed, supersede="record")

    def _matters_of(self, connection: Any, record_id: int, rolled_up: bool) -> Matters:
        """What matters now about a record; read in the background."""
        database, kit = self.office.database, self.kit
        if kit.matters is not None:
            return kit.matters(database, connection, record_id, rolled_up)
        return Matters(kit.next_step(database, connection, record_id) if kit.next_step is not None else None, ())

    def _read_matters(self) -> None:
        record_id, rolled_up = self.record_id, self.timeline.rolls_up
        if record_id is not None and self.kit.matters is not None:
            self.office.read(
                self, lambda connection: (record_id, self._matters_of(connection, record_id, rolled_up)),
                lambda found: self._show_matters(found[1]) if found[0] == self.record_id else None,
                supersede="matters",
            )  # fmt: skip

    def _on_read(self, found: tuple[Record, Sequence[Field], Matters]) -> None:
        record, self.fields, matters = found
        if record.id != self.record_id:
            return
        self.record = record
        self._set_lost(False)
        self._show(record)
        self._show_matters(matters)
        self.state.show_content()
        self._read_badges()
        self.loaded.emit()
        note, self._wanted_note = self._wanted_note, None
        if note is not None:
            self.timeline.show_note(note)

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, RecordGone) and self.record is not None and not self._done_here:
            self._set_lost(True)
        elif isinstance(error, RecordGone):
            self.record = None
            self.record_id = None
            self.state.show_empty()
            self.gone.emit()
        else:
            self.state.show_error(error)

    def _set_lost(self, on: bool) -> None:
        """Somebody elsewhere took the record away: what is shown and what was typed stay, nothing can be saved."""
        if on and self.record is not None:
            self.lost.tell(self.spec.name, self.record.id)
        elif not on and self.lost.isHidden():
            return
        self.lost.setVisible(on)
        for part in (self.buttons, self.matters, self.next_step, self.extra):
            if part is not None:
                part.setEnabled(not on)
        for grid in (self.facts, *(view for view in self.views.made() if isinstance(view, DetailsTab))):
            grid.setEnabled(not on)
        self.timeline.composer.set_locked(on)
        self.timeline.box.set_locked(on)

    def _show(self, record: Record) -> None:
        self.rights.lock(record)
        self.header.set_record(record, self.fields)
        self.buttons.set_record(record)
        if self.extra is not None:
            self.extra.set_record(record)
        self.facts.set_record(record, self._fact_fields())
        self._hand_over(self.tabs.current_key())

    def _hand_over(self, key: str) -> None:
        """Give the record to the tab that is shown; the others get it when somebody goes to them."""
        record = self.record
        if record is None or self._given.get(key) is record:
            return
        self._given[key] = record
        if key == DETAILS:
            self.details.set_record(record, self.fields)
        else:
            self.views[key].set_record(record)

    def _read_badges(self) -> None:
        """Count for the tabs that nobody has seen with this record, in one go after what is seen."""
        database, entity, record_id = self.office.database, self.spec.name, self.record_id
        if record_id is None:
            return

        def read(connection: Any) -> tuple[int, dict[str, int]]:
            counts = {key: count_related(one, database, connection, record_id) for key, one in self._related.items()}
            for tab in self.kit.tabs:
                if tab.count is not None:
                    counts[tab.key] = tab.count(connection, entity, record_id)
            return record_id, {**counts, FILES: files_service.count_of(connection, record_id)}

        self.office.read(self, read, self._on_badges, supersede="badges")

    def _on_badges(self, found: tuple[int, dict[str, int]]) -> None:
        record_id, counts = found
        if record_id == self.record_id:
            for key, count in counts.items():
                if not self.views.seen(key):  # the one that is seen counts what it lists
                    self._badge(key, count)

    def _fact_fields(self) -> list[Field]:
        """The fields of the grid; only its first row where a small window would leave no room to the timeline."""
        by_name = {one.name: one for one in self.fields}
        names = self.kit.facts or tuple(n for n in self.spec.list_columns if n != self.spec.title_field)[:6]
        found = [by_name[name] for name in names if name in by_name]
        few = 2 if self.width() < px(_NARROW) else 3
        return found[:few] if self.kit.matters is not None and self._size()[0] else found

    def _size(self) -> tuple[bool, bool]:
        """Whether the card is low, and whether it is narrow."""
        return self.height() < px(_SMALL), self.width() < px(_NARROW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.kit.matters is not None and self._size() != self._last_size:
            self._last_size = self._size()
            if self.record is not None:
                self.facts.set_record(self.record, self._fact_fields())

    def _show_matters(self, matters: Matters) -> None:
        self._step = matters.step
        self.matters.setVisible(bool(matters.figures))
        self.matters.set_matters(matters.figures)
        plannable = self.rights.makes("activity")
        asked = self.kit.matters is not None or self.kit.next_step is not None
        self.next_step.set_step(
            matters.step, completable=self.kit.complete is not None, plannable=plannable and asked
        )  # fmt: skip

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if self.record_id is None:
            return
        self._done_here = event.change_set in self.office.database.own_changes
        linked = {one.target for one in self.fields if one.target}
        if (
            event.touches_record(self.spec.name, self.record_id)
            or any(event.touches(one) for one in (*linked, "custom_field", "form_layout"))
            or (self.kit.next_step is not None and event.touches("activity"))
            or (self.kit.matters is not None and any(event.touches(one) for one in _MATTERING))
        ):
            self._read_later()
        elif self.record is not None and any(event.touches(one) for one in self._counted_types()):
            if self.isVisible():
                self._read_badges()
            else:
                self._stale = True

    def _counted_types(self) -> set[str]:
        """The record types on which the numbers of the tabs depend."""
        types = {one.entity for one in self._related.values()} | {"attachment"}
        return types | {"contact", "company"} if any(tab.count is not None for tab in self.kit.tabs) else types

    def _read_later(self) -> None:
        if self.isVisible():
            self.reload()
        else:
            self._stale = True

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._stale:
            self.reload()

    # -- tabs --------------------------------------------------------------------------------------------------

    def show_tab(self, key: str) -> None:
        """Show one of the tabs."""
        self.tabs.set_current(key)
        self._hand_over(key)
        self.pages.setCurrentWidget(self.views[key])

    def write_note(self) -> None:
        """Put the cursor where a note is written."""
        self.show_tab(TIMELINE)
        self.timeline.composer.setFocus()

    def attach(self) -> None:
        """Choose files to attach."""
        self.show_tab(FILES)
        self.files.choose()

    def show_note(self, note_id: int) -> None:
        """Go to a note in the timeline, now or as soon as the record is read."""
        self.show_tab(TIMELINE)
        if self.record is None or self.state.currentWidget() is not self.state.content:
            self._wanted_note = note_id
        else:
            self.timeline.show_note(note_id)

    def log_call(self) -> None:
        """Note a call down."""
        if self.offers("call"):
            self.show_tab(TIMELINE)
            self.timeline.log_call()

    def make(self, entity: str) -> None:
        """Make what one of the buttons makes: the next step, a deal, a case."""
        action = next((one for one in self.kit.actions if one.entity == entity), None)
        if action is not None and self.rights.makes(entity):
            self._run_action(action)

    def offers(self, what: str) -> bool:
        """Whether the card can do something: "call", "note", or make an "activity", a "case", a "deal"."""
        return self.record is not None and self.rights.offers(what)

    def _open_matter(self, matter: Matter) -> None:
        if matter.record is not None:
            self.navigator.open_record(*matter.record)
            return
        key = next((key for key, one in self._related.items() if one.entity == matter.tab), TIMELINE)
        self.show_tab(key)

    def _open_step(self) -> None:
        if self._step is not None:
            self.navigator.open_record("activity", self._step.activity_id)
