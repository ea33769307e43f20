"""How long the history is kept: its size, what the owner sets, what would go, and letting it go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.backup.places import folder_of
from crm_desktop.core import formats
from crm_desktop.core.errors import SettingChanged
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.jobs import Progress
from crm_desktop.records import compaction, history_size, retention
from crm_desktop.records.retention import EVERYTHING, VALUES, Account, Policy
from ui.backup import plan
from ui.backup.history_words import day_options, figures, went, would_go, year_options
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.framework.pending import is_away
from ui.records.when_shown import ReadsWhenShown
from ui.theme.theme import px
from ui.widgets.buttons import Button, Switch
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.figures import FigureStrip
from ui.widgets.headers import Banner
from ui.widgets.labels import Label
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.toast import show_toast

_TOLD = 8


@dataclass(frozen=True)
class _Read:
    size: history_size.HistorySize
    policy: Policy
    accounts: list[Account]


class HistoryTab(ReadsWhenShown):
    """The settings of the history. Nothing goes before its numbers were shown and a backup was proven."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office = office
        self.found: compaction.Preview | None = None
        self._seen = Policy()
        self.figures = FigureStrip(compact=True)
        self.days = ChoiceEditor(day_options(None), name=_("Deleted records can be restored for"), empty=None)
        self.years = ChoiceEditor(year_options(None), name=_("Every edit is kept for"), empty=None)
        self.then = ChoiceEditor(
            [(VALUES, _("Keep who and when, not the values")), (EVERYTHING, _("Let all of it go"))],
            name=_("After that"), empty=None,
        )  # fmt: skip
        self.weekly = Switch(_("Let go of it by itself, once a week"))
        self.when = Label("", "secondary", "text-muted", wrap=True)
        self.save = Button(_("Save"), kind="primary")
        self.show_button = Button(_("Show what would go"), icon="ph.eye")
        self.told = Label("", "body", wrap=True)
        self.go_button = Button(_("Make the history smaller…"), icon="ph.arrows-in", kind="danger")
        self.space = Label("", "secondary", "text-muted", wrap=True)
        self.space_button = Button(_("Give space back to the disk…"), icon="ph.hard-drives")
        self.so_far = Label("", "secondary", "text-muted", wrap=True)
        self.back_button = Button(
            _("Bring something back from the backup of before…"), icon="ph.clock-counter-clockwise"
        )
        self._backup = ""
        self.alone = Banner(
            _("Only owners and administrators decide how long the history is kept."), icon="ph.lock-simple"
        )
        self._lay_out()
        self.save.clicked.connect(self.save_policy)
        self.show_button.clicked.connect(lambda: self.show_preview())
        self.go_button.clicked.connect(self.make_smaller)
        self.space_button.clicked.connect(self.give_back)
        self.back_button.clicked.connect(self.bring_back)
        for one in (self.days, self.years, self.then):
            one.committed.connect(self._on_chosen)
        self.weekly.toggled.connect(lambda _on: self._on_chosen())
        office.records_changed.connect(self._on_changed)
        self.reload()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(px(24))
        form.setVerticalSpacing(px(12))
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for editor in (self.days, self.years, self.then, self.weekly):
            form.addRow(Label(editor.accessibleName()), editor)
        self.then.setMinimumContentsLength(30)
        content = QWidget()
        box = QVBoxLayout(content)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(12))
        box.addWidget(self.alone)
        box.addWidget(self.figures)
        self._section(box, _("How long it is kept"), _(
            "Everything that is changed stays in the history, so that it can be looked up, undone and seen as of any day. "
            "It may be kept for ever. What is let go comes back from a backup only."
        ))  # fmt: skip
        box.addLayout(form)
        box.addWidget(self.when)
        box.addWidget(self.save, 0, Qt.AlignmentFlag.AlignLeft)
        self._section(box, _("What would go now"), "")
        box.addWidget(self.told)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addWidget(self.show_button)
        row.addWidget(self.go_button)
        row.addStretch(1)
        box.addLayout(row)
        self._section(box, _("Space on the disk"), "")
        box.addWidget(self.space)
        box.addWidget(self.space_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._section(box, _("What went so far"), "")
        box.addWidget(self.so_far)
        box.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignLeft)
        box.addStretch(1)
        self.states = StateStack(content, EmptyState("ph.clock-counter-clockwise"), loading="lines")
        self.states.retry.connect(self.reload)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.states)

    @staticmethod
    def _section(box: QVBoxLayout, title: str, text: str) -> None:
        box.addSpacing(px(12))
        box.addWidget(Label(title, "section"))
        if text:
            box.addWidget(Label(text, "body", "text-muted", wrap=True))

    # -- what is there -----------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Count the history and read what is set."""
        if self.states.currentWidget() is not self.states.content:
            self.states.show_loading()
        self.office.read(self, self._read, self._show, self.states.show_error, supersede="history size")

    @staticmethod
    def _read(connection: Any) -> _Read:
        return _Read(
            history_size.measure_history(connection), retention.read_policy(connection),
            retention.accounts(connection, _TOLD),
        )  # fmt: skip

    def _on_changed(self, event: Any) -> None:
        if event.touches("office_setting") and self.policy() == self._seen:
            self.read_when_shown()

    def _show(self, found: _Read) -> None:
        self.figures.set_figures(figures(found.size))
        self._fill(found.policy)
        self._tell_space(found.size)
        lines = [
            f"{formats.format_datetime(one.at)} · {one.user_name or '–'} · {went(one)}"
            + (f" · {_('backup')}: {Path(one.backup).name}" if one.backup else "")
            for one in found.accounts
        ]
        self.so_far.setText("\n".join(lines) or _("Nothing. The whole history is there."))
        self._backup = next((one.backup for one in found.accounts if one.backup), "")
        self.back_button.setVisible(bool(self._backup))
        self.states.show_content()

    def _fill(self, policy: Policy) -> None:
        self._seen = policy
        self.days.set_options(day_options(policy.deleted_days))
        self.years.set_options(year_options(policy.years))
        self.days.set_value(policy.deleted_days or 0)
        self.years.set_value(policy.years or 0)
        self.then.set_value(policy.then)
        self.weekly.setChecked(policy.weekly)
        self._on_chosen()

    def _tell_space(self, size: history_size.HistorySize) -> None:
        if size.free is None:
            self.space.setText(_(
                "The server cleans up by itself (autovacuum): room that becomes free is filled again. The button does it "
                "at once; people go on working meanwhile."
            ))  # fmt: skip
            self.space_button.setText(_("Clean up now…"))
            return
        self.space.setText(_(
            "{free} of the file ({whole}) are free and are filled again before it grows. To make the file itself smaller it "
            "is written anew: that needs as much room beside it for a while, and nobody can save meanwhile."
        ).format(free=formats.format_size(size.free), whole=formats.format_size(size.whole)))  # fmt: skip

    def policy(self) -> Policy:
        """What the editors say."""
        return Policy(
            self.days.value() or None, self.years.value() or None, self.then.value() or VALUES, self.weekly.isChecked()
        )

    def _on_chosen(self) -> None:
        """Another choice would let something else go."""
        leads = self.office.database.access.everything
        self.alone.setVisible(not leads)
        for editor in (self.days, self.years, self.weekly, self.show_button, self.space_button):
            editor.setEnabled(leads)
        policy = self.policy()
        self.then.setEnabled(leads and policy.years is not None)
        self.save.setEnabled(leads and policy != self._seen)
        self.when.setText(retention.when_it_goes(policy))
        self.when.setVisible(bool(self.when.text()))
        if self.found is not None and _goes(self.found.policy) != _goes(policy):
            self.found = None
        if self.found is None:
            nothing = policy.deleted_days is None and policy.years is None
            self.told.setText(
                _("Nothing: the whole history is kept for ever.")
                if nothing
                else _("Not looked at yet. It may take a little while.")
            )
        self.go_button.setEnabled(leads and self.found is not None and not self.found.nothing)

    # -- what is done ------------------------------------------------------------------------------------------

    def save_policy(self) -> None:
        """Keep what was chosen; it can be undone like any change. Before something goes by itself, its numbers are shown."""
        policy, seen = self.policy(), self._seen
        if not policy.weekly or (seen.weekly and _goes(policy) == _goes(seen)):
            self._keep(policy)
        elif self.found is None:
            self.show_preview(self._ask_weekly)
        else:
            self._ask_weekly()

    def _ask_weekly(self) -> None:
        """Say what goes first of all where the program lets go by itself from now on."""
        if self.found is None:
            return
        lines = would_go(self.office.database.schema, self.found) or [_("Nothing is old enough to go.")]
        text = "\n".join(lines) + "\n\n" + _(
            "This is what goes today; it begins within the hour, and goes on once a week. Each time a backup is made and proven "
            "before, and every owner is told. What is let go comes back from a backup only: Undo brings the setting back, "
            "not what went."
        )  # fmt: skip
        yes = _("Let it go by itself")
        if dialogs.confirm(self, _("Let old history go by itself?"), text, yes=yes, danger=not self.found.nothing):
            self._keep(self.policy())

    def _keep(self, policy: Policy) -> None:
        seen = self._seen

        def done(_result: Any) -> None:
            show_toast(self, _("Saved"))
            self._seen = policy
            self._on_chosen()

        def failed(error: Exception) -> None:
            if isinstance(error, SettingChanged):
                self.reload()
            if not is_away(error):
                dialogs.show_error(self, error)

        self.office.write(
            self, N_("Changed how long the history is kept"),
            lambda uow: retention.save_policy(uow, policy, seen=seen), done, failed,
        )  # fmt: skip

    def show_preview(self, then: Callable[[], None] | None = None) -> None:
        """Count what would go, and do something ``then``; nothing is changed."""
        policy, database = self.policy(), self.office.database
        self.told.setText(_("Counting…"))

        def work(progress: Progress) -> compaction.Preview:
            with database.read() as connection:
                return compaction.preview(database, connection, policy, progress)

        def done(found: compaction.Preview) -> None:
            self._told(found)
            if then is not None and self.found is not None:
                then()

        tasks.run_job(_("What would go from the history"), work, done, self._failed, owner=self)

    def _told(self, found: compaction.Preview) -> None:
        self.found = found
        lines = would_go(self.office.database.schema, found)
        self.told.setText("\n".join(f"• {line}" for line in lines) or _("Nothing is old enough to go."))
        self._on_chosen()

    def _failed(self, error: Exception) -> None:
        self.found = None
        self._on_chosen()
        if not is_away(error):
            dialogs.show_error(self, error)

    def make_smaller(self) -> None:
        """Back up, prove it, and let go of what was shown, after asking."""
        if self.found is None:
            return
        office, database, policy = self.office, self.office.database, self.found.policy
        expected = self.found.record_changes + self.found.edits
        chosen = plan.read(database)
        folder = folder_of(chosen.all_places[0])
        text = "\n".join(would_go(database.schema, self.found)) + "\n\n" + _(
            "This cannot be undone. Before it, a backup is made in {folder} and proven; it still holds everything. "
            "Backups that are made later do not."
        ).format(folder=folder)  # fmt: skip
        if not dialogs.confirm(self, _("Make the history smaller?"), text, yes=_("Let it go"), danger=True):
            return

        def work(progress: Progress) -> Account:
            from crm_desktop.backup import tidying  # lazy: compression and encryption

            return tidying.tidy(database, policy, office.actor, plan=chosen, progress=progress, expected=expected)

        tasks.run_job(_("Making the history smaller"), work, self._smaller, self._failed, owner=self)

    def _smaller(self, one: Account) -> None:
        self.found = None
        show_toast(self, _("Let go: {what}").format(what=went(one)))
        self.reload()

    def bring_back(self) -> None:
        """Open the backup that was made before the last letting go, to restore from it."""
        open_page = getattr(self.window(), "open_page", None)
        if open_page is not None:
            open_page("restore", path=self._backup)

    def give_back(self) -> None:
        """Write the file anew, or let the server clean up, after asking."""
        database = self.office.database
        if database.sqlite and not dialogs.confirm(
            self, _("Give space back to the disk?"),
            _("The file is written anew. That may take minutes, and nobody can save until it is done."),
            yes=_("Write it anew"),
        ):  # fmt: skip
            return

        def work(_progress: Progress) -> None:
            from crm_desktop.backup import tidying  # lazy: compression and encryption

            tidying.give_space_back(database)

        tasks.run_job(_("Giving space back"), work, lambda _done: self._given(), owner=self)

    def _given(self) -> None:
        show_toast(self, _("Done"))
        self.reload()


def _goes(policy: Policy) -> tuple[int | None, int | None, str]:
    return policy.deleted_days, policy.years, policy.then if policy.years else VALUES
