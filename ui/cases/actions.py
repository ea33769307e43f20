"""What is done to a case, each in one change set, with a toast that offers the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from crm_desktop.cases import service as cases
from crm_desktop.cases.queries import Entry
from crm_desktop.cases.words import priority_text, status_text
from crm_desktop.core.errors import EditConflict
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.jobs import Progress
from crm_desktop.records import service
from ui.cases.case_data import CaseData
from ui.cases.dialogs import ask_message, ask_solution
from ui.cases.reply_box import SOLVE, Written
from ui.framework import dialogs
from ui.framework.may import why_not
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.scratch import scratch_folder
from ui.records.conflict import solve_conflict
from ui.records.drafts import draft_key
from ui.records.drop_kinds import DropTarget
from ui.records.drops import take_paths
from ui.records.files_open import open_attachment
from ui.records.record_dialog import open_edit
from ui.records.saving import delete_many, show_saved
from ui.records.shown import plain
from ui.widgets.toast import show_toast


class CaseActions(QObject):
    """Works on the case that it was given last. ``recorded`` sends (case id, kind) of a message that was written."""

    recorded = Signal(object, str)

    def __init__(self, owner: QWidget, office: Office, navigator: Navigator) -> None:
        super().__init__(owner)
        self._owner, self._office, self._navigator = owner, office, navigator
        self._data: CaseData | None = None
        self._users: dict[int, str] = {}

    def set_case(self, data: CaseData | None, users: Sequence[tuple[int, str]] = ()) -> None:
        """Work on this case; ``users`` are the people it may be given to."""
        self._data, self._users = data, dict(users)

    @property
    def case_id(self) -> int | None:
        """The case."""
        return self._data.record.id if self._data else None

    @property
    def status(self) -> str:
        """Its status."""
        return str(self._data.record.values["status"]) if self._data else ""

    def _write(
        self, title: str, work: Callable[[Any], Any], text: str, then: Callable[[], None] | None = None,
        solve: Callable[[EditConflict], None] | None = None,
    ) -> None:  # fmt: skip
        """Do something to the case; a toast tells it and offers the way back."""
        if self._data is None or self._refused("edit"):
            return

        def done(_result: Any) -> None:
            if then is not None:
                then()
            show_saved(self._owner, self._navigator, text)

        def failed(error: Exception) -> None:
            if isinstance(error, EditConflict) and solve is not None:
                solve(error)
            else:
                dialogs.show_error(self._owner, error)

        number = self._data.record.values.get("number") or ""
        self._office.write(self._owner, title, work, done, failed, params={"number": number})

    def _set(self, title: str, name: str, value: Any, text: str) -> None:
        """Give the case another value; where somebody else did so meanwhile, ask which one it gets."""
        data = self._data
        if data is None:
            return
        record = data.record
        seen = plain(self._office.database.schema.entity("case").field(name), record.values.get(name))

        def save(base: Mapping[str, Any], value: Any) -> None:
            self._write(
                title, lambda uow: service.update_record(uow, "case", record.id, {name: value}, base=base), text,
                solve=lambda error: solve_conflict(
                    self._owner, self._office, error, record.title, {name: value}, {},
                    lambda chosen, _notes: save({}, chosen[name]),
                ),
            )  # fmt: skip

        save({name: seen}, value)

    def _refused(self, action: str) -> bool:
        """Whether one may not do something with the case; then a toast says why."""
        why = why_not(self._office, "case", action, self._data.record) if self._data is not None else ""
        if why:
            show_toast(self._owner, why, kind="danger")
        return bool(why)

    def set_status(self, status: str) -> None:
        """Change the status; solving asks how."""
        case_id = self.case_id
        if case_id is None or status == self.status:
            return
        if status == SOLVE:
            self.solve()
            return
        text = _("Status: {status}").format(status=status_text(status))
        self._set(N_("Change the status of {number}"), "status", status, text)

    def solve(self, written: Written | None = None) -> None:
        """Ask how it was solved and mark it as solved, with a last message where there is one."""
        case_id, data = self.case_id, self._data
        if case_id is None or data is None or self._refused("edit"):
            return
        start = str(data.record.values.get("solution") or (written.body if written else ""))
        key = draft_key(self._office, "solution", "case", case_id)
        asked = ask_solution(self._owner, data.record.title, key, start)
        if asked is None:
            return
        solution = asked.text()

        def work(uow: Any) -> None:
            if written is not None:
                cases.add_message(uow, case_id, written.kind, written.body, channel=written.channel or None)
            cases.change_status(uow, case_id, SOLVE, solution=solution)

        def told() -> None:
            asked.settled()
            if written is not None:
                self.recorded.emit(case_id, written.kind)

        self._write(N_("Solve {number}"), work, _("Marked as solved"), told)

    def set_priority(self, priority: str) -> None:
        """Change the priority; the deadlines follow."""
        case_id = self.case_id
        if case_id is None:
            return
        text = _("Priority: {priority}").format(priority=priority_text(priority).lower())
        self._set(N_("Change the priority of {number}"), "priority", priority, text)

    def assign(self, owner_id: int | None) -> None:
        """Give the case to somebody, or to nobody."""
        case_id = self.case_id
        if case_id is None:
            return
        name = self._users.get(owner_id or 0, "")
        text = _("Given to {name}").format(name=name) if name else _("Nobody has this case now")
        self._set(N_("Give {number} to somebody"), "owner_id", owner_id, text)

    def rename(self, subject: str) -> None:
        """Write another subject."""
        case_id = self.case_id
        if case_id is not None:
            self._set(N_("Edit the subject of {number}"), "subject", subject, _("Subject saved"))

    def record(self, written: Written) -> None:
        """Record a message, with what happens next."""
        case_id = self.case_id
        if case_id is None:
            return
        if written.then == SOLVE:
            self.solve(written)
            return
        titles = {
            "out": (N_("Reply to {number}"), _("Reply recorded")),
            "in": (N_("Message of the customer, {number}"), _("Message recorded")),
            "internal": (N_("Internal note on {number}"), _("Note saved")),
        }
        title, text = titles[written.kind]
        self._write(
            title,
            lambda uow: cases.add_message(
                uow, case_id, written.kind, written.body, channel=written.channel or None, then=written.then or None
            ),
            text,
            lambda: self.recorded.emit(case_id, written.kind),
        )  # fmt: skip

    def correct_message(self, entry: Entry) -> None:
        """Write other words for a message."""
        if self._data is None:
            return
        record = self._data.record
        key = draft_key(self._office, "correction", "case", record.id, entry.id)
        asked = ask_message(self._owner, record.title, key, entry.body)
        if asked is None:
            return
        text = asked.text()
        if text == entry.body:
            asked.settled()
            return
        self._write(
            N_("Correct a message of {number}"), lambda uow: cases.update_message(uow, entry.id, text),
            _("Message corrected"), asked.settled,
        )  # fmt: skip

    def delete_message(self, entry: Entry) -> None:
        """Take a message out of the conversation."""
        self._write(
            N_("Delete a message of {number}"), lambda uow: cases.delete_message(uow, entry.id), _("Message deleted")
        )

    def schedule(self) -> None:
        """Plan a call or a visit for this case."""
        create = getattr(self._navigator, "create_record", None)
        if self._data is None or create is None:
            return
        record, customer = self._data.record, self._data.customer
        links = [("case", record.id, record.title)]
        if customer.id:
            links.append((customer.entity, customer.id, customer.name))
        create("activity", {"kind": "visit", "subject": record.title, "links": links})

    def edit(self) -> None:
        """Open the form with all fields."""
        if self.case_id is not None and not self._refused("edit"):
            open_edit(self._office, self._navigator, self._owner, "case", self.case_id)

    def delete(self) -> None:
        """Delete the case; undo and “Recently deleted” bring it back."""
        if self.case_id is not None and not self._refused("delete"):
            delete_many(self._owner, self._office, self._navigator, "case", [self.case_id])

    def print_case(self) -> None:
        """Lay the case out on pages and open it where it can be looked at and printed."""
        from crm_desktop.cases.documents import case_document  # lazy: heavy
        from ui.records.output import write_file  # lazy: heavy
        from ui.records.print_window import show_print  # lazy: heavy

        data, office = self._data, self._office
        if data is None:
            return
        case_id, number = data.record.id, str(data.record.values.get("number") or data.record.id)
        path = scratch_folder() / f"{number}.pdf"

        def build(connection: Any, _progress: Progress) -> Any:
            return case_document(office.database, connection, case_id, author=office.actor.name, office=office.name)

        title = _("Preparing {title} for print").format(title=number)
        write_file(self._owner, office, title, build, path, lambda made: show_print(self._owner, number, made))

    def choose_files(self) -> None:
        """Choose files and attach them."""
        if self._refused("edit"):
            return
        self.attach(dialogs.choose_files(self._owner, _("Attach files")))

    def attach(self, paths: Sequence[Path]) -> None:
        """Attach files in one change set, as a job with progress."""
        data = self._data
        if data is not None and paths:
            target = DropTarget("case", data.record.id)
            take_paths(self._owner, self._office, self._navigator, paths, target)

    def open_file(self, attachment_id: int) -> None:
        """Open a file with the program that the system has for it."""
        open_attachment(self._owner, self._office, attachment_id)
