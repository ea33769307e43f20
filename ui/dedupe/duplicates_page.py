"""The worklist of likely duplicates: groups with reasons, merged one by one or many at once, or kept apart for good."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.dedupe import settings, worklist
from crm_desktop.dedupe.scan import Scanned
from crm_desktop.dedupe.worklist import Group
from ui.dedupe import batch
from ui.dedupe.apart_dialog import ApartDialog
from ui.dedupe.found import Shown, Work, read_cards, read_work
from ui.dedupe.group_card import GroupCard
from ui.dedupe.searching import start_search
from ui.dedupe.tools import BatchBar, SearchLine
from ui.framework import dialogs
from ui.framework.commands import command, find_command
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.framework.tasks import JobHandle
from ui.records.merge_dialog import open_merge
from ui.records.room import clear_layout
from ui.records.saving import show_saved
from ui.theme.theme import px
from ui.widgets.buttons import Button, SegmentedControl
from ui.widgets.chips import Chip
from ui.widgets.frames import scrolled
from ui.widgets.headers import PageHeader
from ui.widgets.labels import Hairline, Plane
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import fixed_height, margins
from ui.widgets.toast import show_toast

PART = 25
"""So many cards are shown; "Show more" adds as many."""
_LEVELS = {"all": (0, 100), "same": (90, 100), "look": (0, 89)}


class DuplicatesPage(Page):
    """Records that may be one, best first. F5 searches."""

    def __init__(self, office: Office, navigator: Navigator) -> None:
        super().__init__(navigator)
        self.office = office
        self.entity = "contact"
        self.groups: list[Group] = []
        self.cards: list[GroupCard] = []
        self.job: JobHandle | None = None
        self._skipped: set[tuple[int, ...]] = set()
        self._only: tuple[int, ...] = ()
        self._work: Work | None = None
        self._busy = False
        self.header = PageHeader()
        self.search_button = Button.for_command(find_command(self, "duplicates.search"), kind="primary")
        self.apart_button = Button.for_command(find_command(self, "duplicates.show_apart"), kind="ghost")
        self.rules_button = Button.for_command(find_command(self, "duplicates.rules"), kind="ghost")
        for button in (self.apart_button, self.rules_button, self.search_button):
            self.header.add(button)
        self.which = SegmentedControl()
        self.which.changed.connect(self._choose)
        self.level = SegmentedControl()
        self.level.changed.connect(lambda _key: self.reload())
        self.only = Chip(removable=True)
        self.only.hide()
        for signal in (self.only.removed, self.only.clicked):
            signal.connect(lambda: self._show_only(()))
        self.line = SearchLine()
        self.line.schedule_chosen.connect(self._set_schedule)
        self.line.cancel_requested.connect(self._cancel)
        self.bar = BatchBar()
        self.bar.check_requested.connect(self._check_same)
        self.bar.clear_requested.connect(lambda: self._check(False))
        self.bar.merge_requested.connect(self.merge_checked)
        self.bar.apart_requested.connect(self.keep_checked_apart)
        self.empty = EmptyState("ph.intersect", button=_("Search now"), button_icon="ph.magnifying-glass")
        self.empty.action.connect(self.search_now)
        self._lay_out()
        office.records_changed.connect(self._on_changed)
        self.retranslate()

    def _lay_out(self) -> None:
        filters = QWidget()
        row = QHBoxLayout(filters)
        row.addWidget(self.which)
        row.addWidget(self.level)
        row.addWidget(self.only)
        row.addStretch(1)
        row.addWidget(self.line)
        margins(filters, 24, 0, 24, 0, 12)
        fixed_height(filters, 44)
        inner = Plane("sunken")
        self._list = QVBoxLayout(inner)
        self._column = QVBoxLayout()
        self._list.addLayout(self._column)
        self.more = Button(kind="ghost")
        self.more.clicked.connect(self._show_more)
        self._list.addWidget(self.more, 0, Qt.AlignmentFlag.AlignHCenter)
        self._list.addStretch(1)
        margins(inner, 24, 16, 24, 24, 12)
        self._column.setSpacing(px(12))
        self.area = scrolled(inner, clear=False)
        self.states = StateStack(self.area, self.empty, loading="cards")
        self.states.retry.connect(self.reload)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        for widget in (self.header, filters, self.bar, Hairline()):
            whole.addWidget(widget)
        whole.addWidget(self.states, 1)

    def retranslate(self) -> None:
        """Write the words."""
        self.header.set_title(_("Duplicates"))
        schema = self.office.database.schema
        self.which.set_options([(name, translate(schema.entity(name).plural)) for name in settings.ENTITIES])
        self.level.set_options([("all", _("All")), ("same", _("The same")), ("look", _("Worth a look"))])
        self.which.setAccessibleName(_("Record type"))
        self.level.setAccessibleName(_("How likely"))
        self.more.setText(_("Show more"))
        self.line.retranslate()
        self.bar.retranslate()
        if self._work is not None:
            self._show(self._work)

    def activated(self, **params: Any) -> None:
        """Show the worklist; ``entity`` chooses the record type, ``ids`` only the groups of these records."""
        if params.get("entity") in settings.ENTITIES:
            self.entity = params["entity"]
            self.which.set_value(self.entity)
        self._show_only(tuple(params.get("ids", ())))

    def _show_only(self, ids: tuple[int, ...]) -> None:
        self._only = ids
        self.only.setText(ngettext("Of {n} record", "Of {n} records", len(ids)).format(n=len(ids)))
        self.only.setVisible(bool(ids))
        self.reload()

    # -- reading -----------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read again."""
        self.states.show_loading()
        database, entity = self.office.database, self.entity
        least, most = _LEVELS[self.level.value() or "all"]
        count, only = max(PART, len(self.cards)), self._only

        def read(connection: Any) -> Work:
            return read_work(database, connection, entity, least, most, count, only)

        self.office.read(self, read, self._show, self.states.show_error, supersede="duplicates")

    def _show(self, work: Work) -> None:
        self._work = work
        kept = {card.shown.group.members for card in self.cards if card.check.isChecked()}
        focused = next(
            (at for at, card in enumerate(self.cards) if card.isAncestorOf(self._focus()) or card.hasFocus()), None
        )
        there = self.cards[focused].shown.group.members if focused is not None else None
        place = self.area.verticalScrollBar().value()
        self.groups = [one for one in work.groups if one.members not in self._skipped]
        clear_layout(self._column)
        self.cards = []
        for shown in work.cards:
            if shown.group.members not in self._skipped:
                self._add(shown, shown.group.members in kept)
        self.line.set_last(work.last, work.schedule)
        self._settle()
        if focused is None and self._focus() is self:
            focused = 0  # just opened: the keys of the worklist act on the first group
        same = next((at for at, card in enumerate(self.cards) if card.shown.group.members == there), None)
        if same is not None:
            self._go_to(same, show=False)
        elif focused is not None and self.cards:
            self._go_to(min(focused, len(self.cards) - 1))
        if same is not None or focused is None:
            QTimer.singleShot(0, self, lambda: self.area.verticalScrollBar().setValue(place))

    def _go_to(self, at: int, *, show: bool = True) -> None:
        """Put the keyboard on a group, and show it once the groups have their places; or leave the list where it is."""
        card = self.cards[at]
        card.setFocus()

        def placed() -> None:
            if card in self.cards:
                card.setFocus()
                if show:
                    self.area.ensureWidgetVisible(card, 0, px(24))

        QTimer.singleShot(0, self, placed)

    def _focus(self) -> QWidget:
        return self.window().focusWidget() or self

    def _add(self, shown: Shown, checked: bool = False) -> None:
        card = GroupCard(shown, self._work.same_from if self._work else 90)
        card.check.setChecked(checked)
        card.merge_requested.connect(self._merge)
        card.apart_requested.connect(self._keep_apart)
        card.skip_requested.connect(self._skip)
        card.open_requested.connect(lambda one: self.navigator.open_record(self.entity, one, new_window=True))
        card.checked_changed.connect(self._count_checked)
        card.moved.connect(self._go)
        self.cards.append(card)
        self._column.addWidget(card)

    def _show_more(self) -> None:
        part = self.groups[len(self.cards) : len(self.cards) + PART]
        database, entity = self.office.database, self.entity
        self.office.read(
            self, lambda connection: read_cards(database, connection, entity, part), self._append, supersede="more"
        )

    def _append(self, cards: list[Shown]) -> None:
        for shown in cards:
            self._add(shown)
        self._settle()

    def _settle(self) -> None:
        """After the list changed: counts, the empty state, the bar."""
        count = len(self.groups)
        self.header.set_count(formats.format_integer(count) if count else "")
        self.more.setVisible(count > len(self.cards))
        self._count_checked()
        if self.cards:
            self.states.show_content()
        else:
            self._say_empty()
            self.states.show_empty()
        self.navigator.set_shown(ngettext("{n} group", "{n} groups", count).format(n=formats.format_integer(count)))

    def _say_empty(self) -> None:
        searched = self._work is not None and self._work.last is not None
        if searched and self._only:
            title = _("No likely duplicates of these records")
            text = _(
                "The last search found nothing that looks the same. What was written since is found by the next one."
            )
        elif searched:
            title = _("Nothing left to decide")
            text = _(
                "The last search found no further records that look the same. New ones are found by the next search."
            )
        else:
            title = _("Find records that are there twice")
            text = _("The search compares names, phones, e-mails, addresses and birthdays, and says why two records may be one.")  # fmt: skip
        self.empty.set_texts(title, text)
        self.empty.set_button(_("Search again") if searched else _("Search now"), "ph.magnifying-glass")

    def _on_changed(self, _event: Any) -> None:
        if self.isVisible() and not self._busy:
            self.reload()

    def _choose(self, key: str) -> None:
        self.entity = key
        self._check(False)
        self._show_only(())

    # -- one group ---------------------------------------------------------------------------------------------

    def _merge(self, card: GroupCard) -> None:
        open_merge(
            self, self.office, self.navigator, self.entity, list(card.shown.group.members), lambda _id: self.reload()
        )

    def _keep_apart(self, card: GroupCard) -> None:
        self._write_apart([card])

    def _write_apart(self, cards: list[GroupCard]) -> None:
        entity, groups = self.entity, [card.shown.group.members for card in cards]
        names = ", ".join(cards[0].shown.titles)

        def work(uow: Any) -> int:
            return sum(worklist.keep_apart(uow, entity, members) for members in groups)

        title = N_("Not duplicates: {names}") if len(cards) == 1 else N_("Not duplicates: {n} groups")
        self.office.write(
            self, title, work,
            lambda _count: show_saved(self, self.navigator, _("Remembered: not a duplicate")),
            params={"names": names, "n": len(cards)},
        )  # fmt: skip

    def _skip(self, card: GroupCard) -> None:
        """Put a group aside until the page is opened again."""
        at = self.cards.index(card)
        self._skipped.add(card.shown.group.members)
        self.groups = [one for one in self.groups if one.members != card.shown.group.members]
        self.cards.remove(card)
        self._column.removeWidget(card)
        card.hide()
        card.deleteLater()
        self._settle()
        if self.cards:
            self._go_to(min(at, len(self.cards) - 1))

    def _go(self, card: GroupCard, step: int) -> None:
        at = self.cards.index(card) + step
        if 0 <= at < len(self.cards):
            self.cards[at].setFocus()
            self.area.ensureWidgetVisible(self.cards[at], 0, px(24))

    # -- many --------------------------------------------------------------------------------------------------

    def checked(self) -> list[GroupCard]:
        """The cards that are checked."""
        return [card for card in self.cards if card.check.isChecked()]

    def _check(self, on: bool) -> None:
        for card in self.cards:
            card.check.setChecked(on)

    def _check_same(self) -> None:
        """Check the groups in which every pair scores as the same."""
        for card in self.cards:
            card.check.setChecked(card.shown.group.weakest >= worklist.SAME_SCORE)

    def _count_checked(self) -> None:
        same = sum(card.shown.group.weakest >= worklist.SAME_SCORE for card in self.cards)
        self.bar.set_counts(len(self.checked()), same, len(self.cards))

    def keep_checked_apart(self) -> None:
        """Remember that the records of every checked group are different."""
        cards = self.checked()
        if cards:
            self._write_apart(cards)

    def merge_checked(self) -> None:
        """Merge every checked group; one undo takes all of it back, and each can be taken apart by itself."""
        groups = [card.shown.group for card in self.checked()]
        if not groups:
            return
        records = sum(len(group.members) for group in groups)
        weak = sum(group.weakest < worklist.SAME_SCORE for group in groups)
        text = ngettext("{n} record becomes {m}.", "{n} records become {m}.", records).format(n=records, m=len(groups))
        text += " " + _("The fullest record of each group stays, what it lacks comes from the others. Undo takes all of it back.")  # fmt: skip
        if weak:
            text += " " + ngettext(
                "{n} group has pairs below 90: look at it first.", "{n} groups have pairs below 90: look at them first.", weak
            ).format(n=weak)  # fmt: skip
        title = ngettext("Merge {n} group?", "Merge {n} groups?", len(groups)).format(n=len(groups))
        if not dialogs.confirm(self, title, text, yes=_("Merge"), danger=bool(weak)):
            return
        self._busy = True
        self.bar.setEnabled(False)
        job = batch.merge_groups(self, self.office, self.entity, groups, self._merged, self._batch_failed)
        job.finished.connect(self._end_batch)

    def _merged(self, count: int) -> None:
        show_saved(self, self.navigator, ngettext("{n} group merged", "{n} groups merged", count).format(n=count))

    def _batch_failed(self, error: Exception) -> None:
        dialogs.show_error(self, error)

    def _end_batch(self) -> None:
        self._busy = False
        self.bar.setEnabled(True)
        self._check(False)
        self.reload()

    # -- searching ---------------------------------------------------------------------------------------------

    def can_search(self) -> bool:
        """Whether no search of this page is running."""
        return (self.job is None or not self.job.active) and not self.office.database.read_only

    @command("duplicates.search", text=N_("Search now"), shortcut="F5", icon="ph.magnifying-glass",
             enabled_when="can_search", group="do")  # fmt: skip
    def search_now(self) -> None:
        """Search all contacts and companies in the background."""
        if not self.can_search():
            return
        order = [self.entity, *(one for one in settings.ENTITIES if one != self.entity)]
        self.job = start_search(self, self.office, order, self._searched)
        self.line.follow(self.job)
        self.job.finished.connect(self._search_ended)
        self.refresh_commands()

    def _cancel(self) -> None:
        if self.job is not None:
            self.job.cancel()

    def _searched(self, done: list[Scanned]) -> None:
        pairs = sum(one.pairs for one in done)
        text = ngettext("Search finished: {n} pair to look at", "Search finished: {n} pairs to look at", pairs)
        show_toast(self, text.format(n=formats.format_integer(pairs)))

    def _search_ended(self) -> None:
        self._skipped.clear()
        self.line.follow(None)
        self.refresh_commands()
        self.reload()

    def _set_schedule(self, how_often: str) -> None:
        self.office.write(
            self, N_("How often duplicates are searched"), lambda uow: settings.set_schedule(uow, how_often)
        )

    @command("duplicates.show_apart", text=N_("Not duplicates…"), icon="ph.arrows-out-line-horizontal", group="look")
    def show_apart(self) -> None:
        """List the pairs that were said to be different."""
        dialog = ApartDialog(self.office, self.entity, self)
        dialogs.run_dialog(dialog)
        dialog.deleteLater()

    @command("duplicates.rules", text=N_("Rules…"), icon="ph.sliders-horizontal", group="look")
    def open_rules(self) -> None:
        """Open the rules in the settings."""
        self.navigator.open_page("settings", tab="duplicates")
