"""What every page works with: the open database and who is signed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import uuid4

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from crm_desktop.core.access import Access
from crm_desktop.core.events import AccessChanged, NoticesChanged, PresenceChanged, RecordsChanged
from ui.framework import tasks

T = TypeVar("T")


class Office(QObject):
    """The open database as the window sees it.

    Attributes:
        database: the open database; pages hand it to query functions, they never look inside.
        actor: who is signed in; handed to units of work.
        origin: tells this window's own changes from the others'.
        records_changed: emitted on the GUI thread after every commit, here or on another computer.
        access_changed: who signed in may do something else from now on; pages read again by ``records_changed``.
        presence_changed: somebody opened, left or began to edit some records.
        notices_changed: there may be new notices, or some were read.
        drop_handlers: features that know what to do with some kinds of dropped files (``ui.records.drops``).
        who_sees: opens the list of those who can see a record: (owner widget, office, record); None where it cannot.
        file_texts: ending of a file's name to a function that makes a readable text of its bytes, for previews.
    """

    records_changed = Signal(object)
    access_changed = Signal()
    presence_changed = Signal(object)
    notices_changed = Signal(object)

    def __init__(
        self,
        database: Any,
        actor: Any,
        unit_of_work: Callable[..., Any],
        *,
        name: str = "",
        parent: QObject | None = None,
    ) -> None:
        """``unit_of_work`` is ``crm_desktop.db.unit_of_work.write``, handed in by the composition root.

        ``name`` is what the office calls itself; the database's name where it has none.
        """
        super().__init__(parent)
        self.name = name or database.name
        self.database = database
        self.actor = actor
        self.origin = getattr(actor, "origin", "") or uuid4().hex
        self._unit_of_work = unit_of_work
        self.drop_handlers: Sequence[Any] = ()
        self.who_sees: Callable[[QWidget, Office, Any], None] | None = None
        self.file_texts: Mapping[str, Callable[[bytes], str]] = {}
        # publish() runs on the writer's thread; a queued signal brings it to the GUI thread
        subscribe = database.events.subscribe
        self._stops = [
            subscribe(RecordsChanged, self.records_changed.emit),
            subscribe(PresenceChanged, self.presence_changed.emit),
            subscribe(NoticesChanged, self.notices_changed.emit),
            subscribe(AccessChanged, lambda _event: self._on_access_changed()),
        ]

    @property
    def user_id(self) -> int | None:
        """The id of the signed-in user."""
        identity: int | None = self.actor.user_id
        return identity

    @property
    def access(self) -> Access:
        """What whoever is signed in may do."""
        found: Access = self.database.access
        return found

    def read(
        self, owner: QWidget, work: Callable[[Any], T], on_done: Callable[[T], object],
        on_error: Callable[[Exception], None] | None = None, *, supersede: str | None = None,
    ) -> None:  # fmt: skip
        """Run ``work(connection)`` in the background and hand its result to ``on_done`` on the GUI thread."""

        def job() -> T:
            with self.database.read() as connection:
                return work(connection)

        tasks.run_read(owner, job, on_done, on_error, supersede=supersede)

    def write(
        self, owner: QWidget, title: str, work: Callable[[Any], T], on_done: Callable[[T], object] | None = None,
        on_error: Callable[[Exception], None] | None = None, *, params: Mapping[str, Any] | None = None,
        kind: str = "edit", bulk: bool = False,
    ) -> None:  # fmt: skip
        """Run ``work(uow)`` in one unit of work in the background. ``title`` is a source text (``N_``)."""

        def job() -> T:
            with self.unit_of_work(title, params=params, kind=kind, bulk=bulk) as uow:
                return work(uow)

        tasks.run_write(owner, job, on_done or (lambda _result: None), on_error)

    def unit_of_work(self, title: str, **options: Any) -> Any:
        """A unit of work of the signed-in user, for jobs that run off the GUI thread already."""
        return self._unit_of_work(self.database, title, actor=self.actor, **options)

    def _on_access_changed(self) -> None:
        self.access_changed.emit()
        self.records_changed.emit(RecordsChanged(everything=True))

    def close(self) -> None:
        """Stop listening and close the database."""
        for stop in self._stops:
            stop()
        self.database.close()
