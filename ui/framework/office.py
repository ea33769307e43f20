"""What every page works with: the open database and who is signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid4

import shiboken6
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from crm_desktop.core import clock
from crm_desktop.core.access import Access
from crm_desktop.core.errors import SaveUnknown, Unreachable
from crm_desktop.core.events import AccessChanged, NoticesChanged, PresenceChanged, RecordsChanged
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Progress
from ui.framework import dialogs, tasks
from ui.framework.pending import PendingSave, PendingSaves, is_away

T = TypeVar("T")


@dataclass(frozen=True)
class Browsed:
    """What an office is that is only looked at: a backup, or the office as it was.

    Attributes:
        text: says which.
        bring: brings a record of a backup back: (record type, id); None where nobody can.
        another: shows the office as it was on another day; None for a backup.
    """

    text: str
    bring: Callable[[str, int], None] | None = None
    another: Callable[[], None] | None = None


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
        pending: saves that did not reach the server.
        carry, was_saved: ``db.carry.carry_out`` and ``db.outcome.was_saved``, handed in by the composition root.
        sign_in_again: asks for the password again where the server refuses it; None where nobody can.
        choose_server: lets somebody decide about a changed certificate.
        who_changes: (connection, schema, record type, id) to a sentence that names who may change a record.
        browsed: what it is where it is only looked at; None for an office in which somebody works.
        back_up_before, last_proven: (kind, database, who) to what makes a backup before something large, and the moment
            of the last proven one from a connection; None where the window has no backups.
        examine: (database, progress) to what the quick checks find in it, one sentence each; None where nobody checks.
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
        self.pending = PendingSaves(self)
        self.carry: Callable[..., Any] | None = None
        self.was_saved: Callable[[Any, SaveUnknown], bool] | None = None
        self.sign_in_again: Callable[[QWidget], None] | None = None
        self.choose_server: Callable[[QWidget], None] | None = None
        self.who_sees: Callable[[QWidget, Office, Any], None] | None = None
        self.who_changes: Callable[[Any, Any, str, int], str] | None = None
        self.browsed: Browsed | None = None
        self.back_up_before: Callable[[str, Any, str], Callable[[Progress], None] | None] | None = None
        self.last_proven: Callable[[Any], datetime | None] | None = None
        self.examine: Callable[[Any, Progress], Sequence[str]] | None = None
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

    @contextmanager
    def standing(self) -> Iterator[None]:
        """What is said in the block is said on the day of an office that is shown as it was; else today."""
        as_of = getattr(self.database, "as_of", None)
        with clock.standing_at(as_of) if as_of is not None else nullcontext():
            yield

    def read(
        self, owner: QWidget, work: Callable[[Any], T], on_done: Callable[[T], object],
        on_error: Callable[[Exception], None] | None = None, *, supersede: str | None = None,
    ) -> None:  # fmt: skip
        """Run ``work(connection)`` in the background and hand its result to ``on_done`` on the GUI thread."""

        def job() -> T:
            with self.database.read() as connection:
                return work(connection)

        def done(result: T) -> None:
            with self.standing():
                on_done(result)

        tasks.run_read(owner, job, done, on_error, supersede=supersede)

    def write(
        self, owner: QWidget, title: str, work: Callable[[Any], T], on_done: Callable[[T], object] | None = None,
        on_error: Callable[[Exception], None] | None = None, *, params: Mapping[str, Any] | None = None,
        kind: str = "edit", bulk: bool = False, again: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        """Run ``work(uow)`` in one unit of work in the background. ``title`` is a source text (``N_``).

        Where the server does not answer, the save waits in :attr:`pending`; where its confirmation was lost, it is
        asked about before ``on_done`` or ``on_error`` is told what became of it. ``work`` may be called again.

        Args:
            again: saves once more with what is written by then; the same work where None.
        """
        words = translate(title).format(**(params or {}))

        def done(result: T) -> None:
            self.pending.done(owner, words)
            if on_done is not None:
                on_done(result)

        def retry() -> None:
            self.write(owner, title, work, on_done, on_error, params=params, kind=kind, bulk=bulk, again=again)

        def refuse(error: Exception) -> None:
            if on_error is not None:
                on_error(error)
            elif not is_away(error):
                dialogs.show_error(owner, error)

        def failed(error: Exception) -> None:
            save = PendingSave(owner, words, again or retry)
            if isinstance(error, SaveUnknown):
                save.doubt, result = error, error.result
                save.settled = lambda saved: done(result) if saved else refuse(not_saved())
            if is_away(error):
                self.pending.keep(save)
            refuse(error)

        tasks.run_write(owner, lambda: self.carry_out(title, work, params=params, kind=kind, bulk=bulk), done, failed)

    def carry_out(self, title: str, work: Callable[[Any], T], **options: Any) -> T:
        """Run ``work(uow)`` in a unit of work of the signed-in user, off the GUI thread; see ``db.carry``."""
        if self.carry is None:
            with self.unit_of_work(title, **options) as uow:
                return work(uow)
        result: T = self.carry(self.database, title, work, opener=self._unit_of_work, actor=self.actor, **options)
        return result

    def settle_doubts(self, owner: QWidget) -> None:
        """Ask the server what became of the saves whose confirmation was lost, and tell who began them."""
        for save in self.pending.all():
            if save.doubt is not None and self.was_saved is not None:
                self._settle(owner, save, save.doubt, self.was_saved)

    def _settle(
        self, owner: QWidget, save: PendingSave, doubt: SaveUnknown, was_saved: Callable[[Any, SaveUnknown], bool]
    ) -> None:
        def told(saved: bool) -> None:
            if saved:
                self.pending.take(save)
            else:
                save.doubt = None
                self.pending.changed.emit()
            if save.settled is not None and shiboken6.isValid(save.owner):
                save.settled(saved)

        tasks.run_read(owner, lambda: was_saved(self.database, doubt), told, lambda _error: None)

    def unit_of_work(self, title: str, **options: Any) -> Any:
        """A unit of work of the signed-in user, for jobs that run off the GUI thread already."""
        return self._unit_of_work(self.database, title, actor=self.actor, **options)

    def _on_access_changed(self) -> None:
        self.access_changed.emit()
        self.records_changed.emit(RecordsChanged(everything=True))

    def leave(self, patience: float = 10.0) -> None:
        """Close the database once everything is written and nobody reads; the window is closed already.

        Args:
            patience: so many seconds the window waits; what takes longer is written all the same, before it is closed.
        """
        if not tasks.wait_written(patience):
            self._stop_listening()
            tasks.run_write(self, self.database.close)
            return
        self.database.end_reading()  # timers of the closed window would begin again and again
        tasks.wait_idle(5)
        self.close()

    def close(self) -> None:
        """Stop listening and close the database."""
        self._stop_listening()
        self.database.close()

    def _stop_listening(self) -> None:
        for stop in self._stops:
            stop()


def not_saved() -> Unreachable:
    """The sentence for a save that surely did not arrive."""
    return Unreachable(N_("The connection was lost before this was saved. Your text is kept here; save it again."))
