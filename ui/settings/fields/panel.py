"""The properties of any field: with the editors of formulas and roll-ups, and the change of its kind."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.errors import FieldError, UserError, ValidationFailed
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.records import kind_change
from crm_desktop.records.kind_change import KindChange
from ui.framework import dialogs, tasks
from ui.settings.fields.kinds import KINDS
from ui.settings.fields.properties import PropertiesPanel
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Label
from ui.widgets.themed import margins

_CHANGE = N_("Change the kind of “{label}”")
_SHOWN = 6


class FullPanel(PropertiesPanel):
    """Properties of declared and own fields, computed ones included."""

    def refused(self, error: Exception) -> None:
        """Say why the field was not saved."""
        self._start = {}
        self.written.keep()
        if isinstance(error, ValidationFailed | FieldError | UserError):
            self.say(str(error))
        else:
            dialogs.show_error(self, error)

    def ask_kind(self, entity: str, field: Field) -> None:
        """Let the person choose another kind, show what it would do, and do it."""
        dialog = KindDialog(field, self)
        if not dialogs.run_dialog(dialog):
            return
        kind = Kind(str(dialog.kind.value()))
        database = self.office.database

        def plan(progress: Progress) -> KindChange:
            with database.read() as connection:
                return kind_change.plan_kind(database, connection, entity, field.name, kind, progress)

        title = translate(_CHANGE).format(label=field.label)
        tasks.run_job(title, plan, lambda made: self._change(entity, field, made), self.refused, owner=self)

    def _change(self, entity: str, field: Field, plan: KindChange) -> None:
        if plan.lost and not self._agreed(plan):
            return
        params, many = {"label": field.label}, plan.fits + plan.lost > 2000

        def change(progress: Progress) -> None:
            with self.office.unit_of_work(_CHANGE, params=params, bulk=many) as uow:
                kind_change.change_kind(uow, entity, field.name, plan, progress)

        tasks.run_job(translate(_CHANGE).format(**params), change, None, self.refused, owner=self)

    def _agreed(self, plan: KindChange) -> bool:
        text = ngettext(
            "{count} record has a value that does not fit and would become empty:",
            "{count} records have a value that does not fit and would become empty:", plan.lost,
        ).format(count=plan.lost)  # fmt: skip
        lines = [f"“{value}” × {count}" for value, count in plan.misfits.most_common(_SHOWN)]
        if len(plan.misfits) > _SHOWN:
            lines.append("…")
        told = "\n".join([text, *lines, "", _("Undo brings the old kind and all values back.")])
        return dialogs.confirm(self, _("Change the kind?"), told, yes=_("Change the kind"), danger=True)


class KindDialog(QDialog):
    """Which kind a field is to become."""

    def __init__(self, field: Field, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Change the kind"))
        allowed = {one.value for one in kind_change.TARGETS} - {field.kind.value}
        options: Sequence[tuple[str, str, str]] = [(key, _(text), icon) for key, text, icon in KINDS if key in allowed]
        self.kind = ChoiceEditor(options, name=_("New kind"), empty=None)
        self.kind.setMinimumWidth(px(280))
        save = Button(_("Continue"), kind="primary")
        save.setDefault(True)
        save.clicked.connect(self.accept)
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(save)
        box = QVBoxLayout(self)
        box.addWidget(Label(_("“{label}” becomes").format(label=field.label)))
        box.addWidget(self.kind)
        box.addWidget(
            Label(_("Values that fit are carried over. You see before what does not."), "secondary", "text-muted")
        )
        box.addLayout(foot)
        margins(self, 24, 20, 24, 16, 12)
