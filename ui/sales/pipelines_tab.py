"""Pipelines and their stages: names, order, probabilities, days until a deal counts as stalled."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from crm_desktop.core.i18n import N_, _
from crm_desktop.sales import queries, service
from ui.framework import dialogs
from ui.framework.office import Office
from ui.theme.theme import px
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import Label

_OUTCOMES = {"open": "", "won": N_("won"), "lost": N_("lost")}


class PipelinesTab(QWidget):
    """One block per pipeline; every change is saved when it is made, and undoable."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office = office
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(px(24))
        self._content: QWidget | None = None
        office.records_changed.connect(self._on_changed)
        self.reload()

    def _on_changed(self, event: Any) -> None:
        if event.touches("pipeline") or event.touches("stage"):
            self.reload()

    def reload(self) -> None:
        """Read the pipelines."""
        self.office.read(self, queries.pipelines, self._show, supersede="pipelines")

    def _show(self, pipelines: list[queries.Pipeline]) -> None:
        if self._content is not None:
            self._box.removeWidget(self._content)
            self._content.hide()
            self._content.deleteLater()
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        for pipeline in pipelines:
            self._add_pipeline(column, pipeline, only=len(pipelines) == 1)
        add = Button(_("New pipeline…"), icon="ph.plus")
        add.clicked.connect(self._new_pipeline)
        column.addWidget(add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self._box.addWidget(self._content)

    def _add_pipeline(self, column: QVBoxLayout, pipeline: queries.Pipeline, *, only: bool) -> None:
        head = QHBoxLayout()
        name = self._line(pipeline.name, _("Name of the pipeline"), 280)
        name.editingFinished.connect(
            lambda: self._do(N_("Rename pipeline"), lambda u: service.rename_pipeline(u, pipeline.id, name.text()))
            if name.text().strip() and name.text() != pipeline.name else None
        )  # fmt: skip
        head.addWidget(name)
        head.addStretch(1)
        if not only:
            archive = Button(_("Take out of use"), icon="ph.archive", kind="ghost")
            archive.clicked.connect(
                lambda: self._do(N_("Archive pipeline"), lambda u: service.archive_pipeline(u, pipeline.id))
            )
            head.addWidget(archive)
        column.addLayout(head)
        stages = list(pipeline.stages)
        for place, stage in enumerate(stages):
            column.addLayout(self._stage_row(stages, place, stage))
        add = Button(_("Add a stage"), icon="ph.plus", kind="ghost", small=True)
        add.clicked.connect(lambda: self._new_stage(pipeline.id))
        column.addWidget(add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(px(16))

    def _stage_row(self, stages: list[Any], place: int, stage: Any) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addSpacing(px(24))
        name = self._line(stage.name, _("Name of the stage"), 240)
        name.editingFinished.connect(
            lambda: self._change(stage, name=name.text()) if name.text().strip() and name.text() != stage.name else None
        )
        row.addWidget(name)
        chance = QSpinBox()
        chance.setRange(0, 100)
        chance.setSuffix(" %")
        chance.setValue(int(stage.probability))
        chance.setAccessibleName(_("Probability of {stage}").format(stage=stage.name))
        chance.setEnabled(stage.outcome == "open")
        chance.editingFinished.connect(
            lambda: self._change(stage, probability=Decimal(chance.value()))
            if chance.value() != int(stage.probability) else None
        )  # fmt: skip
        row.addWidget(chance)
        days = QSpinBox()
        days.setRange(0, 365)
        days.setSpecialValueText(_("never stalled"))
        days.setSuffix(" " + _("days"))
        days.setValue(stage.rotting_days or 0)
        days.setAccessibleName(_("Days until a deal in {stage} counts as stalled").format(stage=stage.name))
        days.setVisible(stage.outcome == "open")
        days.editingFinished.connect(
            lambda: self._change(stage, rotting_days=days.value() or None)
            if days.value() != (stage.rotting_days or 0) else None
        )  # fmt: skip
        row.addWidget(days)
        if stage.outcome != "open":
            row.addWidget(Label(_(_OUTCOMES[stage.outcome]), "secondary", "text-muted"))
        row.addStretch(1)
        for step, icon, text in ((-1, "ph.arrow-up", _("Up")), (1, "ph.arrow-down", _("Down"))):
            button = IconButton(icon, text)
            button.setEnabled(0 <= place + step < len(stages))
            button.clicked.connect(lambda _checked=False, by=step: self._move(stages, place, by))
            row.addWidget(button)
        remove = IconButton("ph.trash", _("Delete the stage"))
        remove.clicked.connect(lambda: self._do(N_("Delete stage"), lambda u: service.delete_stage(u, stage.id)))
        row.addWidget(remove)
        return row

    @staticmethod
    def _line(text: str, name: str, width: int) -> QLineEdit:
        line = QLineEdit(text)
        line.setAccessibleName(name)
        line.setFixedWidth(px(width))
        return line

    def _change(self, stage: Any, **values: Any) -> None:
        self._do(N_("Change stage"), lambda uow: service.update_stage(uow, stage.id, **values))

    def _move(self, stages: list[Any], place: int, by: int) -> None:
        ids = [stage.id for stage in stages]
        ids[place], ids[place + by] = ids[place + by], ids[place]
        self._do(N_("Reorder stages"), lambda uow: service.reorder_stages(uow, ids))

    def _new_pipeline(self) -> None:
        name = dialogs.ask_text(self, _("New pipeline"), _("Name of the pipeline"))
        if name and name.strip():
            self._do(N_("New pipeline"), lambda uow: service.create_pipeline(uow, name.strip()))

    def _new_stage(self, pipeline_id: int) -> None:
        name = dialogs.ask_text(self, _("Add a stage"), _("Name of the stage"))
        if name and name.strip():
            self._do(N_("Add stage"), lambda uow: service.add_stage(uow, pipeline_id, name.strip()))

    def _do(self, title: str, work: Callable[[Any], Any]) -> None:
        self.office.write(self, title, work)
