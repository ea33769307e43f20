"""Un-merging: what comes back, a choice for what was edited or added since, and what must be taken apart first."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from crm_desktop.core import formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.records import unmerging
from crm_desktop.records.merge_log import MergedRecord
from crm_desktop.records.queries import Record
from crm_desktop.records.unmerging import Added, Collision, UnmergePlan
from ui.framework import dialogs, tasks
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.conflict import Option, Scrim, Side
from ui.records.kit import CardCommand
from ui.records.shown import label_of, text_of
from ui.theme.theme import px
from ui.widgets.avatar import Avatar
from ui.widgets.buttons import Button
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.frames import dialog_foot, scrolled
from ui.widgets.headers import Banner
from ui.widgets.labels import Hairline, IconLabel, Label, Plane
from ui.widgets.states import BigIcon
from ui.widgets.themed import margins
from ui.widgets.toast import show_toast

_WIDTH = 816


class UnmergeDialog(QDialog):
    """What will happen; :meth:`put_back` and :meth:`given` are the choices. ``first``: the other merge is wanted first."""

    def __init__(self, parent: QWidget, plan: UnmergePlan) -> None:
        super().__init__(parent)
        self.plan = plan
        self.first = 0
        self.setWindowTitle(_("Un-merge"))
        self.options: dict[str, tuple[Option, Option]] = {}
        self.owners: dict[str, ChoiceEditor] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._head())
        outer.addWidget(Hairline())
        body = Plane("raised")
        self._box = QVBoxLayout(body)
        margins(body, 24, 12, 24, 16, 8)
        if plan.first_apart:
            self._say_first()
        else:
            self._say_back()
            self._say_collisions()
            self._say_added()
            self._say_left()
        self._box.addStretch(1)
        area = scrolled(body, sideways=True, focus=True, clear=False)
        outer.addWidget(area, 1)
        outer.addWidget(Hairline())
        outer.addWidget(self._foot())
        for keys in ("Ctrl+S", "Ctrl+Return"):
            QShortcut(QKeySequence(keys), self, self.accept)
        width = min(px(_WIDTH), parent.window().width() - px(48))
        for pair in self.options.values():
            for option in pair:
                option.fit((width - px(48) - px(160)) // 2 - px(64))
        self.resize(width, min(body.heightForWidth(width) + px(180), parent.window().height() - px(48)))

    def _head(self) -> QWidget:
        plan = self.plan
        head = Plane("raised")
        row = QHBoxLayout(head)
        row.addWidget(BigIcon("ph.git-fork", 4, 40, 20))
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(Label(_("Take {title} apart again").format(title=plan.winner_title), "title", wrap=True))
        when = formats.format_datetime(plan.at)
        words = _("Merged {when} by {name}.") if plan.user_name else _("Merged {when}.")
        text = words.format(when=when, name=plan.user_name) + " " + _("This can be undone as well.")
        column.addWidget(Label(text, "body", "text-muted", wrap=True))
        row.addLayout(column, 1)
        margins(head, 24, 16, 24, 16, 16)
        return head

    def _section(self, icon: str, color: str, words: str) -> None:
        cell = QWidget()
        line = QHBoxLayout(cell)
        line.addWidget(IconLabel(icon, color, 14))
        line.addWidget(Label(words, "secondary-strong", color, wrap=True), 1)
        margins(cell, 0, 4, 0, 0, 6)
        self._box.addWidget(cell)

    def _say_first(self) -> None:
        self._section("ph.warning", "warning", _("Something was merged on top of it. Take that apart first:"))
        for _identity, title in self.plan.first_apart:
            self._box.addWidget(Banner(title, kind="warning", icon="ph.git-merge"))

    def _say_back(self) -> None:
        self._section("ph.arrow-counter-clockwise", "success", _("Comes back"))
        for loser in self.plan.losers:
            self._box.addWidget(self._returning(loser))

    def _returning(self, loser: MergedRecord) -> QWidget:
        cell = QWidget()
        row = QHBoxLayout(cell)
        row.addWidget(Avatar(loser.title, 24))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(loser.title, "strong", wrap=True))
        parts = [
            _("{what}: {count}").format(what=translate(one.label), count=formats.format_integer(one.counts[loser.loser_id]))
            for one in self.plan.returning if one.counts.get(loser.loser_id)
        ]  # fmt: skip
        told = ", ".join(parts) if parts else _("Nothing hung on it.")
        words.addWidget(Label(told, "secondary", "text-muted", wrap=True))
        row.addLayout(words, 1)
        margins(cell, 0, 0, 0, 0, 8)
        return cell

    def _say_collisions(self) -> None:
        if not self.plan.collisions:
            return
        self._section("ph.warning", "warning", _("Edited since the merge: choose in each line"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(12))
        grid.setVerticalSpacing(px(8))
        grid.setColumnMinimumWidth(0, px(148))
        grid.addWidget(Label(_("Keep the edit"), "secondary", "text-muted"), 0, 1)
        grid.addWidget(Label(_("As before the merge"), "secondary", "text-muted"), 0, 2)
        for number, one in enumerate(self.plan.collisions, 1):
            self._collision(grid, number, one)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        self._box.addLayout(grid)

    def _collision(self, grid: QGridLayout, row: int, one: Collision) -> None:
        name = label_of(one.field)
        now, before = text_of(one.field, one.now), text_of(one.field, one.before)
        keep = Option(Side(now, now), before, _("{field}, keep the edit").format(field=name))
        back = Option(Side(before, before), now, _("{field}, as before the merge").format(field=name))
        group = QButtonGroup(self)
        group.addButton(keep)
        group.addButton(back)
        keep.setChecked(True)
        self.options[one.name] = (keep, back)
        grid.addWidget(Label(name, "strong", wrap=True), row, 0)
        grid.addWidget(keep, row, 1)
        grid.addWidget(back, row, 2)

    def _say_added(self) -> None:
        if not self.plan.added:
            return
        self._section("ph.plus-circle", "accent", _("Added since the merge: whose is it?"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(12))
        grid.setVerticalSpacing(px(8))
        for number, one in enumerate(self.plan.added):
            self._owner(grid, number, one)
        grid.setColumnStretch(1, 1)
        self._box.addLayout(grid)

    def _owner(self, grid: QGridLayout, row: int, one: Added) -> None:
        words = _("{what}: {count}").format(what=translate(one.label), count=formats.format_integer(one.count))
        options = [(self.plan.winner_id, _("stays with {title}").format(title=self.plan.winner_title))]
        options += [(loser.loser_id, _("goes to {title}").format(title=loser.title)) for loser in self.plan.losers]
        editor = ChoiceEditor(options, name=words, empty=None)
        editor.set_value(self.plan.winner_id)
        self.owners[one.key] = editor
        grid.addWidget(Label(words, "strong"), row, 0)
        grid.addWidget(editor, row, 1)

    def _say_left(self) -> None:
        plan = self.plan
        if plan.elsewhere:
            words = ngettext(
                "{n} entry was moved to another record since and stays there.",
                "{n} entries were moved to other records since and stay there.", plan.elsewhere,
            )  # fmt: skip
            self._section("ph.info", "text-muted", words.format(n=plan.elsewhere))
        if plan.gone:
            words = ngettext(
                "{n} entry was deleted since and stays deleted.", "{n} entries were deleted since and stay deleted.",
                plan.gone,
            )  # fmt: skip
            self._section("ph.info", "text-muted", words.format(n=plan.gone))

    def _foot(self) -> QWidget:
        back = Button(_("Cancel"), key="Esc")
        back.clicked.connect(self.reject)
        text = _("Show that merge…") if self.plan.first_apart else _("Un-merge")
        self.go = Button(text, kind="primary", key="Ctrl+S")
        self.go.clicked.connect(self.accept)
        self.go.setDefault(True)
        return dialog_foot(back, self.go, height=64)

    def put_back(self) -> list[str]:
        """The edited fields that are to be as before the merge."""
        return [name for name, (_keep, back) in self.options.items() if back.isChecked()]

    def given(self) -> dict[str, int]:
        """Who gets what was added since, where it is not the one that stayed."""
        chosen = {key: editor.value() for key, editor in self.owners.items()}
        return {key: int(value) for key, value in chosen.items() if value not in (None, self.plan.winner_id)}


def open_unmerge(owner: QWidget, office: Office, navigator: Navigator, change_set_id: int) -> None:
    """Say what taking a merge apart would do, ask where there is a choice, and do it."""

    def ask(plan: UnmergePlan) -> None:
        if plan.winner_gone:
            text = N_("The merged record was deleted later. Restore it from “Recently deleted” first.")
            dialogs.show_error(owner, UserError(text))
            return
        scrim = Scrim(owner.window())
        dialog = UnmergeDialog(owner, plan)
        accepted = dialogs.run_dialog(dialog)
        scrim.deleteLater()
        dialog.deleteLater()
        if not accepted:
            return
        if plan.first_apart:
            open_unmerge(owner, office, navigator, plan.first_apart[0][0])
            return
        carry_out(owner, office, navigator, plan, dialog.put_back(), dialog.given())

    office.read(owner, lambda connection: unmerging.plan_unmerge(office.database, connection, change_set_id), ask)


def carry_out(
    owner: QWidget, office: Office, navigator: Navigator, plan: UnmergePlan, put_back: list[str], given: dict[str, int]
) -> None:
    """Take a merge apart in the background."""

    def run(progress: Any) -> UnmergePlan:
        return unmerging.unmerge(
            office.database, office.actor, plan.change_set_id, put_back=put_back, give=given, progress=progress
        )

    def done(_plan: UnmergePlan) -> None:
        names = ", ".join(loser.title for loser in plan.losers)
        again = getattr(navigator, "undo", None)
        text = _("{names} is back").format(names=names) if len(plan.losers) == 1 else _("{names} are back")
        show_toast(owner, text.format(names=names), _("Merge again") if again else "", again)

    title = _("Taking {title} apart").format(title=plan.winner_title)
    if sum(one.total for one in plan.returning) > 500:
        tasks.run_job(title, run, done, owner=owner)
    else:
        tasks.run_write(owner, lambda: run(None), done)


def unmerge_record(owner: QWidget, office: Office, navigator: Navigator, record: Record) -> None:
    """Take the last merge into a record apart."""
    if record.merged:
        open_unmerge(owner, office, navigator, record.merged[0].change_set_id)


UNMERGE = CardCommand(
    "unmerge",
    N_("Un-merge…"),
    "ph.git-fork",
    unmerge_record,
    when=lambda record: bool(record.merged),
    needs="edit",
)
