"""Recently deleted: what is gone, by whom, what went with it, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.records import deleted
from crm_desktop.records.deleted import Asked, Deleted
from crm_desktop.records.references import plural_of
from crm_desktop.records.retention import Policy, read_policy
from ui.framework import dialogs, tasks
from ui.framework.commands import command, fill_menu, find_command
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.history.choice_chip import ChoiceChip
from ui.history.deleted_peek import DeletedPeek
from ui.history.deleted_setting import choose_days, days_words
from ui.records.unmerge_dialog import open_unmerge
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.headers import PageHeader
from ui.widgets.labels import Hairline, Label
from ui.widgets.search_box import SearchBox
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins
from ui.widgets.toast import keep_readable, show_toast

_PAGE, _EVERY = 300, "every"
_SORTS = {1: "title", 2: "type", 4: "at", 5: "who"}
_SOON, _NARROW = 7, 940


class DeletedModel(ListTableModel):
    """Sorts in the database, because not every row is in memory."""

    def __init__(self, page: DeletedPage) -> None:
        super().__init__([], key=lambda one: (one.entity, one.record_id), checks=True)
        self._page = page

    def sort_by(self, sorts: list[tuple[int, Any]]) -> None:
        """Ask the database for another order."""
        column, order = sorts[0]
        self._page.sort(_SORTS.get(column, "at"), order.value == 1)


class DeletedPage(Page):
    """Deleted records, newest first: look at them, bring them back, or let them go for good."""

    def __init__(self, office: Office, navigator: Navigator) -> None:
        super().__init__(navigator)
        self.office = office
        self._rows: list[Deleted] = []
        self._names: list[str] = []
        self._policy = Policy()
        self._complete = True
        self._sort, self._down = "at", True
        self.search = SearchBox(key="/", small=True)
        self.how, self.entity, self.who = ChoiceChip(), ChoiceChip(), ChoiceChip()
        self._elsewhere = 0
        self.others = Button(kind="ghost", small=True, icon="ph.magnifying-glass")
        self.model = DeletedModel(self)
        self.table = DataTable(check_column=0)
        self.table.own_column_menu = False
        self.table.setModel(self.model)
        self.header = PageHeader(left=16, right=12)
        self.restore_button = Button.for_command(find_command(self, "deleted.restore"), kind="primary", small=True)
        self.look_button = Button.for_command(find_command(self, "deleted.look"), small=True)
        self.more_button = Button(icon="ph.dots-three", kind="ghost", small=True)
        self.kept = Label("", "secondary", "text-muted", wrap=True)
        self.days_button = Button.for_command(find_command(self, "deleted.keep"), kind="ghost", small=True)
        self.empty = EmptyState("ph.trash", hue=8)
        self.states = StateStack(self.table, self.empty)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        for control in (self.search, self.look_button, self.restore_button, self.more_button):
            self.header.add(control)
        chips = QHBoxLayout()
        chips.setContentsMargins(px(16), px(2), px(16), px(10))
        chips.setSpacing(px(8))
        for chip in (self.how, self.entity, self.who):
            chips.addWidget(chip)
        chips.addStretch(1)
        chips.addWidget(self.others)
        foot = QWidget()
        line = QHBoxLayout(foot)
        line.addWidget(self.kept, 1)
        line.addWidget(self.days_button)
        margins(foot, 16, 8, 12, 8, 8)
        keep_readable(foot)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addLayout(chips)
        whole.addWidget(Hairline())
        whole.addWidget(self.states, 1)
        whole.addWidget(Hairline())
        whole.addWidget(foot)

    def _connect(self) -> None:
        self.setFocusProxy(self.states)
        self.search.searched.connect(lambda _text: self.reload())
        self.search.down_pressed.connect(self.table.setFocus)
        for chip in (self.how, self.entity, self.who):
            chip.chosen.connect(lambda _key: self.reload())
        self.table.current_row_changed.connect(lambda _row: self.refresh_commands())
        self.table.row_activated.connect(lambda _index: self.look())
        self.table.row_menu_requested.connect(lambda _index, where: self._menu().exec(where))
        self.table.reached_end.connect(self._more)
        self.model.checks_changed.connect(self._on_checks)
        self.more_button.clicked.connect(
            lambda: self._menu().exec(self.more_button.mapToGlobal(QPoint(0, self.more_button.height())))
        )
        self.others.clicked.connect(self.look_everywhere)
        self.empty.action.connect(lambda: self.look_everywhere() if self._elsewhere else self.clear_filters())
        self.states.retry.connect(self.reload)
        self.office.records_changed.connect(self._on_records_changed)

    def retranslate(self) -> None:
        """Write the words."""
        schema = self.office.database.schema
        self.header.set_title(_("Recently deleted"))
        self.search.set_placeholder(_("Find a deleted record"))
        self.table.setAccessibleName(_("Recently deleted"))
        self.table.header.setAccessibleName(_("Column headers"))
        self.more_button.setAccessibleName(_("More"))
        self.more_button.setToolTip(_("More"))
        self._set_choices()
        self._say_others()
        self.model.set_columns([
            Column("title", _("Record"), lambda r: r.title or "–", 260, font="name",
                   icon=lambda r: (schema.entity(r.entity).icon, "text-muted"), tooltip=lambda r: r.title),
            Column("type", _("Type"), lambda r: translate(schema.entity(r.entity).label), 110, color="text-muted"),
            Column("with", _("What happened to it"), self._became, 220, color="text-muted", tooltip=self._became),
            Column("at", _("Deleted"), lambda r: formats.format_relative(r.at, with_time=True) if r.at else "–", 140,
                   tooltip=lambda r: formats.format_datetime(r.at) if r.at else ""),
            Column("who", _("By"), lambda r: r.who or "–", 140, color="text-muted"),
            Column("left", _("Goes for good"), _left_words, 130, color=_left_color,
                   tooltip=lambda r: formats.format_datetime(r.goes_at) if r.goes_at else ""),
        ])  # fmt: skip
        self.table.set_column_widths([0, 260, 110, 220, 140, 140, 130], stretch=3)
        self._fit_columns()
        self._say_kept()
        self._say_empty()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Narrow, it does without who deleted it; and where nothing goes by itself there is nothing to count down."""
        narrow = self.width() < px(_NARROW)
        self.table.setColumnHidden(5, narrow)
        self.table.setColumnHidden(6, self._policy.days_until_gone is None)
        self.table.setColumnWidth(1, px(220 if narrow else 260))

    def _became(self, one: Deleted) -> str:
        """What went with it; or how it went, where nobody deleted it."""
        if one.how == deleted.MERGED:
            other = one.merged_into
            return _("merged, now in {title}").format(title=other) if other else _("merged into another record")
        went = self._hanging(one)
        if one.how == deleted.UNDONE:
            undone = _("its creation was undone")
            return f"{undone} · {went}" if went else undone
        return went

    def _hanging(self, one: Deleted) -> str:
        parts = []
        if one.unlinked:  # first: it is what a colleague notices
            text = _("lost their link to it: {things}") if one.together == 1 else _("lost a link: {things}")
            parts.append(text.format(things=self._things(one.unlinked)))
        if one.hanging:
            parts.append(_("went along: {things}").format(things=self._things(one.hanging)))
        if one.together > 1:
            more = one.together - 1
            parts.append(ngettext("with {n} other", "with {n} others", more).format(n=formats.format_integer(more)))
        return " · ".join(parts)

    def _things(self, counts: Mapping[str, int]) -> str:
        schema = self.office.database.schema
        return ", ".join(
            f"{translate(plural_of(schema, table)).lower()} ({formats.format_integer(count)})"
            for table, count in counts.items()
        )

    def _set_choices(self) -> None:
        schema = self.office.database.schema
        types = [(name, translate(schema.entity(name).plural)) for name in deleted.listed_types(self.office.database)]
        self.how.set_choices(_("How it went"), [
            ("", _("Deleted")), (deleted.MERGED, _("Merged into others")), (deleted.UNDONE, _("Creation undone")),
            (_EVERY, _("All that is gone")),
        ])  # fmt: skip
        self.entity.set_choices(_("Record type"), [("", _("Every type")), *types])
        self.who.set_choices(_("Deleted by"), [("", _("Everybody")), *((one, one) for one in self._names)])

    def _say_kept(self) -> None:
        self.kept.setText(days_words(self._policy))

    def _say_others(self) -> None:
        """How many more fit that were merged or undone: whoever looks for what vanished need not know how it went."""
        count = self._elsewhere
        text = ngettext("{n} more was merged or undone", "{n} more were merged or undone", count)
        self.others.setText(text.format(n=formats.format_integer(count)))
        self.others.setVisible(bool(count and self._rows))

    def _say_empty(self) -> None:
        if self._elsewhere:
            text = ngettext(
                "{n} record fits that was merged into another one, or whose creation was undone.",
                "{n} records fit that were merged into others, or whose creation was undone.", self._elsewhere,
            )  # fmt: skip
            self.empty.set_texts(_("Nothing deleted fits"), text.format(n=formats.format_integer(self._elsewhere)))
            self.empty.set_button(_("Show them"), "ph.magnifying-glass")
        elif self.filtered:
            self.empty.set_texts(_("Nothing deleted fits"), _("Other words or filters may find it."))
            self.empty.set_button(_("Show everything deleted"), "ph.x")
        else:
            self.empty.set_texts(
                _("Nothing was deleted lately"),
                _("What you delete comes here, with its notes, files and links, and can be restored whole."),
            )
            self.empty.set_button("", "")

    @property
    def filtered(self) -> bool:
        """Whether not everything is asked for."""
        return bool(self.search.text().strip() or self.entity.value or self.who.value or self.how.value)

    def asked(self) -> Asked:
        """What the search and the filters ask for."""
        how = {"": deleted.DELETED_BY_HAND, _EVERY: deleted.EVERY_WAY}.get(self.how.value, self.how.value)
        return Asked(
            self.entity.value, self.who.value, self.search.text().strip(), sort=self._sort, down=self._down, how=how
        )

    def look_everywhere(self) -> None:
        """Look among what was merged or undone, too."""
        self.how.set_value(_EVERY)
        self.reload()

    def sort(self, way: str, down: bool) -> None:
        """List in another order."""
        self._sort, self._down = way, down
        self.reload()

    def clear_filters(self) -> None:
        """Ask for everything again."""
        self.how.set_value("")
        self.entity.set_value("")
        self.who.set_value("")
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        self.reload()

    def activated(self, **params: Any) -> None:
        """Read what was deleted."""
        self.reload()

    def _on_records_changed(self, _event: object) -> None:
        if self.isVisible():
            self.reload()

    def reload(self) -> None:
        """Read again."""
        if not self._rows:
            self.states.show_loading()
        self._read(0)

    def _read(self, offset: int) -> None:
        database, asked = self.office.database, self.asked()

        def work(connection: Any) -> tuple[list[Deleted], int, int, list[str], Policy]:
            found = deleted.list_deleted(database, connection, asked, limit=_PAGE, offset=offset)
            if offset:
                return found, -1, -1, [], self._policy
            people = deleted.count_by_person(database, connection, asked)
            count, more = sum(people.values()), 0
            if asked.text and asked.how == deleted.DELETED_BY_HAND:
                more = deleted.count_deleted(database, connection, replace(asked, how=deleted.EVERY_WAY)) - count
            if replace(asked, sort=deleted.ALL.sort, down=deleted.ALL.down) != deleted.ALL:
                people = deleted.count_by_person(database, connection)
            return found, count, more, sorted(filter(None, people)), read_policy(connection)

        self.office.read(self, work, lambda got: self._show(*got, offset), self.states.show_error, supersede="deleted")

    def _show(self, rows: list[Deleted], count: int, more: int, names: list[str], policy: Policy, offset: int) -> None:
        self._complete = len(rows) < _PAGE
        kept, place = self.current, self.table.verticalScrollBar().value()
        self._rows = [*self._rows, *rows] if offset else rows
        if not offset:
            self._names, self._policy, self._elsewhere = names, policy, more
            self._say_others()
            self._say_empty()
            self._set_choices()
            self._say_kept()
            self._fit_columns()
            self.header.set_count(formats.format_integer(count) if count else "")
        self.model.set_rows(self._rows)
        if self._rows:
            at = self.model.find((kept.entity, kept.record_id)) if kept is not None else -1
            self.states.show_content()
            self.table.set_current_row(max(at, 0))
            self.table.verticalScrollBar().setValue(place if offset or at >= 0 else 0)
        else:
            self.states.show_empty()
        self._on_checks()

    def _more(self) -> None:
        if self._rows and not self._complete:
            self._complete = True
            self._read(len(self._rows))

    @property
    def current(self) -> Deleted | None:
        """The current row."""
        row = self.table.current_row()
        return self.model.row(row) if 0 <= row < self.model.rowCount() else None

    def chosen(self) -> list[Deleted]:
        """The checked rows, else the current one."""
        checked = [one for one in self.model.rows() if (one.entity, one.record_id) in self.model.checked]
        return checked or ([self.current] if self.current is not None else [])

    def _on_checks(self) -> None:
        self.refresh_commands()
        count = len(self.model.checked)
        text = ngettext("Restore {n} record", "Restore {n} records", count).format(n=formats.format_integer(count))
        self.restore_button.setText(text if count else _("Restore"))

    def _menu(self) -> QMenu:
        names = ("deleted.look", "deleted.restore", "deleted.restore_all", "deleted.purge")
        return fill_menu(QMenu(self), [find_command(self, name) for name in names])

    def has_chosen(self) -> bool:
        """Whether there is something to restore."""
        return bool(self.chosen())

    def has_current(self) -> bool:
        """Whether there is something to look at."""
        return self.current is not None

    def went_together(self) -> bool:
        """Whether the current record was deleted together with others."""
        current = self.current
        return current is not None and current.change_set_id is not None and current.together > 1

    def may_purge(self) -> bool:
        """Whether the person may let records go for good: owners and administrators."""
        return self.office.access.everything and not self.office.database.read_only

    def can_purge(self) -> bool:
        """Whether they may, and something is chosen that is nowhere else."""
        chosen = self.chosen()
        return self.may_purge() and bool(chosen) and all(one.how != deleted.MERGED for one in chosen)

    def may_set(self) -> bool:
        """Whether the person may say how long deleted records are kept."""
        return self.office.access.everything and not self.office.database.read_only

    @command("deleted.look", text=N_("Look at it"), icon="ph.eye", enabled_when="has_current")
    def look(self) -> None:
        """Show the current record as it was, without bringing it back."""
        current = self.current
        if current is None:
            return

        def show(seen: tuple[Any, Any]) -> None:
            dialog = DeletedPeek(self, self.office, *seen)
            if dialogs.run_dialog(dialog) and dialog.restore_wanted:
                self._restore([current])

        self.office.read(
            self, lambda connection: DeletedPeek.read(self.office.database, connection, current), show, supersede="peek"
        )

    @command(
        "deleted.restore", text=N_("Restore"), shortcut="Ctrl+R", icon="ph.arrow-u-up-left", enabled_when="has_chosen"
    )
    def restore(self) -> None:
        """Bring the checked records back, or the current one."""
        self._restore(self.chosen())

    @command("deleted.restore_all", text=N_("Restore all of this deletion"), icon="ph.arrow-u-up-left",
             enabled_when="went_together")  # fmt: skip
    def restore_all(self) -> None:
        """Bring back every record that was deleted together with the current one."""
        current, database = self.current, self.office.database
        if current is None or current.change_set_id is None:
            return
        if current.how == deleted.MERGED:
            self._restore([current])
            return
        asked = Asked(change_set_id=current.change_set_id, how=current.how)
        self.office.read(
            self, lambda connection: deleted.list_deleted(database, connection, asked, limit=1_000_000), self._restore,
            supersede="together",
        )  # fmt: skip

    def _restore(self, chosen: list[Deleted]) -> None:
        merged = [one for one in chosen if one.how == deleted.MERGED]
        if len(chosen) == 1 and merged and merged[0].merge_set is not None:
            open_unmerge(self, self.office, self.navigator, merged[0].merge_set)
            return
        if merged:
            text = _(
                "What was merged comes back by taking its merge apart, one at a time: there may be something to choose."
            )
            dialogs.show_message(self, _("Some of these were merged"), text)
            return
        office, count = self.office, len(chosen)

        def run(progress: Progress | None) -> int:
            return deleted.restore_deleted(office.database, office.actor, chosen, progress=progress)

        def done(back: int) -> None:
            self.model.checked = set()
            one = chosen[0]
            if count == 1:
                text = _("{title} is back").format(
                    title=one.title or translate(office.database.schema.entity(one.entity).label)
                )
            else:
                text = ngettext("{n} record is back", "{n} records are back", back).format(
                    n=formats.format_integer(back)
                )
            if back < count:
                left = count - back
                text += ". " + ngettext(
                    "{n} cannot come back: its number or key is in use.",
                    "{n} cannot come back: their numbers or keys are in use.", left,
                ).format(n=left)  # fmt: skip
            more = None
            if count == 1:
                more = (_("Show it"), lambda: self.navigator.open_record(one.entity, one.record_id))
            undo = getattr(self.navigator, "undo_keeper", None)
            show_toast(self, text, _("Undo"), undo.undo if undo is not None else None, more=more)
            self.reload()

        if count > 50:
            tasks.run_job(_("Restoring {n} records").format(n=formats.format_integer(count)), run, done, owner=self)
        else:
            tasks.run_write(self, lambda: run(None), done)

    @command("deleted.purge", text=N_("Delete for good…"), shortcut="Shift+Del", icon="ph.eraser", danger=True,
             group="final", enabled_when="can_purge", visible_when="may_purge")  # fmt: skip
    def purge(self) -> None:
        """Take the checked records out of the database for good, after a question that says so."""
        chosen, office = self.chosen(), self.office
        names = ", ".join(one.title or "–" for one in chosen[:3]) + ("…" if len(chosen) > 3 else "")
        count = formats.format_integer(len(chosen))
        title = ngettext("Delete {n} record for good?", "Delete {n} records for good?", len(chosen)).format(n=count)
        text = _(
            "{names}: the record, its notes, files and history go out of the database. This is final: neither Undo nor "
            "anybody can bring it back. Only backups made before still have it."
        ).format(names=names)
        if not chosen or not dialogs.confirm(self, title, text, yes=_("Delete for good"), danger=True):
            return

        def done(gone: int) -> None:
            self.model.checked = set()
            text = ngettext("{n} record is gone for good", "{n} records are gone for good", gone)
            show_toast(self, text.format(n=formats.format_integer(gone)))
            self.reload()

        tasks.run_write(self, lambda: deleted.delete_for_good(office.database, office.actor, chosen), done)

    @command("deleted.keep", text=N_("How long they are kept…"), icon="ph.gear-six", visible_when="may_set",
             enabled_when="may_set")  # fmt: skip
    def choose_days(self) -> None:
        """Say for how many days deleted records are kept."""
        choose_days(self, self.office, self._policy, self.reload)


def _left_words(one: Deleted) -> str:
    days = one.days_left
    if days is None:
        return _("never")
    return ngettext("in {n} day", "in {n} days", days).format(n=days) if days else _("any day now")


def _left_color(one: Deleted) -> str:
    days = one.days_left
    return "danger" if days is not None and days < _SOON else "text-muted"
