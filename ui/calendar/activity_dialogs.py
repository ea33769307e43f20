"""Opening, creating, moving and deleting activities from any page: the forms, the questions, and the writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.calendar import queries, service
from crm_desktop.calendar.service import Scope
from crm_desktop.core import clock
from crm_desktop.core.errors import EditConflict
from crm_desktop.core.i18n import N_, _
from crm_desktop.records import finder
from ui.calendar.activity_editor import ActivityDraft, ActivityEditor
from ui.framework import dialogs
from ui.framework.dialogs import Choice
from ui.framework.may import may_with, restrict, why_not, why_not_with
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.conflict import solve_conflict
from ui.records.drafts import draft_key
from ui.widgets.toast import show_toast

LINKABLE = ("contact", "company", "deal", "case")
OnDone = Callable[[Any], None] | None
_NAMELESS = "–"
"""What the history calls an event of which nobody wrote what it is about."""


class _Finder:
    """Finds records to link, and remembers of which type each was."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._types: dict[int, str] = {}

    def find(self, text: str) -> list[tuple[int, str, str]]:
        """The best hits; runs off the thread of the window."""
        database = self._office.database
        with database.read() as connection:
            found = finder.find(database, connection, text, entities=LINKABLE, limit=12)
        self._types.update({one.id: one.entity for one in found})
        return [(one.id, one.title, one.subtitle) for one in found]

    def entity_of(self, identity: int) -> str:
        """The record type of a hit."""
        return self._types[identity]


def create_activity(
    office: Office, parent: QWidget, values: Mapping[str, Any], links: Sequence[queries.LinkedRecord] = (),
    on_done: OnDone = None,
) -> None:  # fmt: skip
    """Open the form of a new activity; ``values`` are known already. ``on_done`` gets the id of what was written."""
    database = office.database
    why = why_not(office, "activity", "create")
    if why:
        show_toast(parent, why, kind="danger")
        return

    def made(members: list[queries.Member]) -> None:
        known = {"kind": "meeting", "owner_id": office.user_id, "zone": clock.local_zone_name(), **values}
        editor = _editor(office, parent, ActivityDraft(known, links, members))
        editor.keep_draft(draft_key(office, "event", "activity", "new", *(one.id for one in links)), values)
        _run(office, parent, editor, on_done)

    office.read(parent, lambda connection: queries.members(database, connection), made)


def open_activity(
    office: Office, parent: QWidget, activity_id: int, recurrence_id: datetime | None = None, on_done: OnDone = None
) -> None:
    """Open the form of an activity, or of one occurrence of a series."""
    database = office.database

    def read(connection: Any) -> ActivityDraft:
        row = dict(queries.get_activity(database, connection, activity_id))
        row["starts"], row["ends"] = queries.occurrence_at(row, recurrence_id)
        links = queries.links_of(database, connection, [activity_id]).get(activity_id, ())
        members = queries.members(database, connection)
        return ActivityDraft(row, links, members, activity_id, recurrence_id)

    def read_done(draft: ActivityDraft) -> None:
        editor = _editor(office, parent, draft)
        occurrence = [recurrence_id.isoformat()] if recurrence_id is not None else []
        editor.keep_draft(draft_key(office, "event", "activity", activity_id, *occurrence), {})
        _run(office, parent, editor, on_done)

    office.read(parent, read, read_done)


def move_activity(
    office: Office, owner: QWidget, key: tuple[int, datetime | None], start: datetime, end: datetime,
    on_refused: Callable[[], None], seen: tuple[datetime, datetime] | None = None, title: str = "",
) -> None:  # fmt: skip
    """Give an event another time; of a series, ask how many of them. ``on_refused`` follows where it stays.

    Args:
        title: what it is called, for the history.
        seen: its times as they were shown; where somebody else gave it others meanwhile, which ones it gets is asked.
    """
    activity_id, recurrence_id = key
    scope = ask_scope(owner, _("Move a repeating event")) if recurrence_id is not None else Scope.ALL
    if scope is None:
        on_refused()
        return

    def failed(error: Exception) -> None:
        on_refused()
        if not isinstance(error, EditConflict):
            dialogs.show_error(owner, error)
        elif dialogs.confirm(
            owner, _("Somebody else moved this event"),
            _("It stands at another time now. Give it the time that you chose all the same?"), yes=_("Move it"),
            no=_("Leave it there"),
        ):  # fmt: skip
            move_activity(office, owner, key, start, end, on_refused, title=title)

    office.write(
        owner,
        N_("Move “{title}”"),
        lambda uow: service.move_activity(
            uow, activity_id, start, end, recurrence_id=recurrence_id, scope=scope, seen=seen
        ),
        on_error=failed,
        params={"title": title or _NAMELESS},
    )


def delete_activity(
    office: Office, owner: QWidget, key: tuple[int, datetime | None], on_done: OnDone = None, *, title: str = ""
) -> None:
    """Delete an event; of a series, ask how many of them. Undo brings them back."""
    activity_id, recurrence_id = key
    scope = ask_scope(owner, _("Delete a repeating event")) if recurrence_id is not None else Scope.ALL
    if scope is None:
        return
    office.write(
        owner,
        N_("Delete “{title}”"),
        lambda uow: service.delete_activity(uow, activity_id, recurrence_id=recurrence_id, scope=scope),
        on_done,
        params={"title": title or _NAMELESS},
    )


def complete_activity(
    office: Office, owner: QWidget, activity_id: int, done: bool, recurrence_id: datetime | None = None, *,
    title: str = "",
) -> None:  # fmt: skip
    """Tick an activity off, or one occurrence of a series; or take that back."""
    office.write(
        owner, N_("Complete {title}") if done else N_("Reopen {title}"),
        lambda uow: service.complete_activity(uow, activity_id, done=done, recurrence_id=recurrence_id),
        params={"title": title or _NAMELESS},
    )  # fmt: skip


def schedule_task(
    office: Office, owner: QWidget, activity_id: int, start: datetime, end: datetime, *, title: str = ""
) -> None:
    """Give a task an hour."""
    office.write(
        owner, N_("Plan “{title}”"), lambda uow: service.schedule_task(uow, activity_id, start, end),
        params={"title": title or _NAMELESS},
    )  # fmt: skip


def ask_scope(parent: QWidget, title: str) -> Scope | None:
    """Ask for how much of a series a change is; None for Escape."""
    answer = dialogs.ask(
        parent,
        title,
        _("This event repeats. What do you want to change?"),
        [
            Choice("cancel", _("Cancel")),
            Choice(Scope.ALL.value, _("All events")),
            Choice(Scope.FOLLOWING.value, _("This and following")),
            Choice(Scope.THIS.value, _("Only this one"), "primary"),
        ],
    )
    return Scope(answer) if answer in {scope.value for scope in Scope} else None


def _editor(office: Office, parent: QWidget, draft: ActivityDraft) -> ActivityEditor:
    finding = _Finder(office)
    editor = ActivityEditor(draft, finding.find, finding.entity_of, parent)

    def gone(_deleted: Any) -> None:
        if editor.kept is not None:
            editor.kept.done()
        editor.reject()

    def delete() -> None:
        assert draft.activity_id is not None
        name = str(draft.values.get("subject") or "")
        delete_activity(office, editor, (draft.activity_id, draft.recurrence_id), gone, title=name)

    editor.delete_requested.connect(delete)
    if draft.activity_id is not None:
        owner, maker = draft.values.get("owner_id"), draft.values.get("created_by")
        editor.delete_button.setVisible(may_with(office, "activity", "delete", owner, maker))
        restrict(editor.save_button, why_not_with(office, "activity", "edit", owner, maker))
    return editor


def _run(office: Office, parent: QWidget, editor: ActivityEditor, on_done: OnDone) -> None:
    """Show the form and write what it says. What the database refuses opens it again as it was."""
    if not dialogs.run_dialog(editor):
        editor.deleteLater()
        return
    values, draft = editor.changed_values(), editor.draft
    links = editor.chosen_links() if editor.links_changed() else None
    if draft.activity_id is not None and not values and links is None:
        if editor.kept is not None:
            editor.kept.done()
        editor.deleteLater()
        return
    scope = _scope_of(parent, draft, values)
    if scope is None:
        _run(office, parent, editor, on_done)
        return

    base = {name: draft.values.get(name) for name in values}

    def write(uow: Any) -> int:
        if draft.activity_id is None:
            return service.plan_activity(uow, values, links=editor.chosen_links())
        return service.edit_activity(
            uow, draft.activity_id, values, recurrence_id=draft.recurrence_id, scope=scope, links=links, base=base
        )

    def done(identity: int) -> None:
        if editor.kept is not None:
            editor.kept.done()
        editor.deleteLater()
        if on_done is not None:
            on_done(identity)

    def solved(chosen: Mapping[str, Any], notes: str) -> None:
        values.update(chosen)
        if notes:
            values["description"] = "\n\n".join(filter(None, (str(values.get("description") or ""), notes)))
        base.clear()
        base.update({name: draft.values.get(name) for name in values if name not in chosen and name != "description"})
        office.write(parent, title, write, done, failed, params={"title": name})

    def failed(error: BaseException) -> None:
        if isinstance(error, EditConflict):
            subject = str(values.get("subject") or draft.values.get("subject") or "")
            again = lambda: _run(office, parent, editor, on_done)  # noqa: E731
            solve_conflict(parent, office, error, subject, values, {}, solved, again)
            return
        dialogs.show_error(parent, error)
        _run(office, parent, editor, on_done)

    title = N_("Edit “{title}”") if draft.activity_id is not None else N_("Plan “{title}”")
    name = str(values.get("subject") or draft.values.get("subject") or _NAMELESS)
    office.write(parent, title, write, done, failed, params={"title": name})


def _scope_of(parent: QWidget, draft: ActivityDraft, values: Mapping[str, Any]) -> Scope | None:
    if draft.recurrence_id is None:
        return Scope.ALL
    if set(values) == {"status"}:
        return Scope.THIS
    return ask_scope(parent, _("Change a repeating event"))


def new_activity(office: Office, navigator: Navigator, parent: QWidget, values: dict[str, Any]) -> None:
    """Open the form of a new activity for the New button; ``values["links"]`` are (record type, id, title)."""
    known = {name: value for name, value in values.items() if name != "links"}
    links = [queries.LinkedRecord(*link) for link in values.get("links", ())]
    create_activity(office, parent, known, links)
