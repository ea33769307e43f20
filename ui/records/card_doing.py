"""What can be done with the record of a card: its buttons, its tags, and files dropped on it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field
from crm_desktop.core.i18n import N_, _
from crm_desktop.records.queries import Record
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.card_rights import CardRights
from ui.records.drop_kinds import DropTarget
from ui.records.drops import can_take, take_drop
from ui.records.files import FilesTab
from ui.records.files_attach import Brought
from ui.records.kit import CardCommand, CardKit, NextStep, QuickAction, first_values
from ui.records.record_dialog import open_edit
from ui.records.saving import delete_many, show_saved, tag_changes
from ui.widgets.labels import Plane

FILES = "files"


class CardDoing(Plane):
    """The doing half of a ``RecordCard``."""

    office: Office
    navigator: Navigator
    kit: CardKit
    spec: Entity
    record: Record | None
    record_id: int | None
    fields: Sequence[Field]
    files: FilesTab
    rights: CardRights
    _step: NextStep | None

    def show_tab(self, key: str) -> None:
        """Show one of the tabs."""
        raise NotImplementedError

    # -- actions -----------------------------------------------------------------------------------------------

    def open_window(self) -> None:
        """Open the record in a window of its own."""
        if self.record_id is not None:
            self.navigator.open_record(self.spec.name, self.record_id, new_window=True)

    def edit(self) -> None:
        """Open the form with all fields."""
        if self.record_id is not None and not self.rights.refuses("edit"):
            open_edit(self.office, self.navigator, self, self.spec.name, self.record_id)

    def delete(self) -> None:
        """Delete the record; a toast offers the way back."""
        if self.record_id is not None and not self.rights.refuses("delete"):
            delete_many(self, self.office, self.navigator, self.spec.name, [self.record_id])

    def print_card(self) -> None:
        """Print the record as it is shown."""
        from ui.records.output import print_record  # lazy: heavy

        if self.record is not None:
            print_record(self, self.office, self.record, self.fields)

    def _run_action(self, action: QuickAction) -> None:
        if self.record is not None:
            self.navigator.create_record(action.entity, first_values(action, self.record))

    def _run_command(self, command: CardCommand) -> None:
        if self.record is not None:
            command.run(self, self.office, self.navigator, self.record)

    def _complete_step(self) -> None:
        step, complete = self._step, self.kit.complete
        if step is None or complete is None:
            return
        self.office.write(
            self, N_("Complete {title}"), lambda uow: complete(uow, step.activity_id),
            lambda _done: show_saved(self, self.navigator, _("{title} is done").format(title=step.text)),
            params={"title": step.text},
        )  # fmt: skip

    def _save_tags(self, added: list[str], removed: list[str]) -> None:
        if self.record is not None:
            tag_changes(self, self.office, self.navigator, self.record, added, removed)

    # -- files dropped anywhere on the card ---------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.record is not None and not self.rights.locked and can_take(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        target = DropTarget(self.spec.name, self.record_id)
        take_drop(
            self, self.office, self.navigator, event.mimeData(), target,
            lambda brought: self._on_brought(target.record_id, brought),
        )  # fmt: skip

    def _on_brought(self, record_id: int | None, brought: Sequence[Brought]) -> None:
        if record_id == self.record_id:
            self.show_tab(FILES)
            self.files.on_brought(brought)

    def show_file(self, attachment_id: int) -> None:
        """Show one of the files."""
        self.show_tab(FILES)
        self.files.show_file(attachment_id)
