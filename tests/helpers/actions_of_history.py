"""Merges, and the ways back that are changes of their own: what was deleted, a value of long ago, a backup."""

from __future__ import annotations

from crm_desktop.backup.bring_back import bring_back, rows_of
from crm_desktop.backup.compare import compare
from crm_desktop.backup.compare_rows import Pair
from crm_desktop.backup.making import make_backup
from crm_desktop.backup.restoring import browse_backup
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.records import deleted, history, merging, service, unmerging
from tests.helpers.action_world import WHOLE, Nothing, World, action


def _merge(w: World, actor: Actor) -> None:
    with write(w.database, "Look", rehearse=True) as uow:
        entity = w.dice.choice(["contact", "company"])
        ids = w.several(uow, entity, w.dice.randint(2, 3))
    merging.merge(w.database, actor, entity, ids[0], ids[1:])


def _merge_one(w: World, actor: Actor) -> None:
    """One of a batch, as the page of duplicates merges many."""
    with write(w.database, "Merge", actor=actor, kind="merge") as uow:
        ids = w.several(uow, "contact", 2)
        merging.merge_records(uow, "contact", ids[0], ids[1:], {"job_title": w.word()})


def _restore(w: World, actor: Actor) -> None:
    with w.database.read() as connection:
        gone = deleted.list_deleted(w.database, connection)
    if not gone:
        raise Nothing
    deleted.restore_deleted(w.database, actor, w.dice.sample(gone, min(2, len(gone))))


@action("bring a value back that a record had before")
def _old_value(w: World, uow: UnitOfWork) -> None:
    contact = w.some(uow, "contact")
    entries = history.record_history(w.database, uow.connection, "contact", contact)
    found = [one for entry in entries if entry.table == "contact" for one in entry.fields if one.name == "job_title"]
    if not found:
        raise Nothing
    service.update_record(uow, "contact", contact, {"job_title": w.dice.choice(found).old})


def keep_backup(w: World) -> None:
    """Make the backup that something is brought back from later."""
    w.backup = make_backup(w.database, w.folder, prove=False).path


def _bring_back(w: World, actor: Actor) -> None:
    if not w.backup:
        raise Nothing
    with browse_backup(w.backup, w.database.schema) as backup:
        with backup.read_all() as then, w.database.read_all() as now:
            found = compare(Pair(backup, then, w.database, now)).differences
        if not found:
            raise Nothing
        chosen = w.dice.sample(found, min(3, len(found)))
        rows = rows_of(chosen, created=w.dice.random() < 0.5)
        if bring_back(backup, w.database, actor, rows, clock.now()).change_set is None:
            raise Nothing


WHOLE |= {
    "merge records": _merge, "merge one of many": _merge_one, "restore what was deleted": _restore,
    "bring records back from a backup": _bring_back,
}  # fmt: skip


# what takes changes back by itself: only a part of them, or against what came later


def take_some_back(w: World, actor: Actor, since: int) -> str:
    """Undo a random change as a person may, whole or in part. Returns what was done, "" where nothing could be."""
    with w.database.read() as connection:
        found = [one for one in history.recent(connection, limit=40) if one.id > since and one.can_be_undone]
        stands = [one for one in found if one.kind not in ("undo", "redo", "system")]
        if not stands:
            return ""
        one = w.dice.choice(stands)
        way = w.dice.choice(["safe", "safe", "all", "part", "apart"])
        only = None
        if way == "part":
            nets = history.plan(w.database, connection, one.id).nets
            only = [(net.table, net.record_id) for net in w.dice.sample(nets, min(2, len(nets)))]
    try:
        if way == "apart":
            if one.kind != "merge":
                return ""
            unmerging.unmerge(w.database, actor, one.id)
        elif way == "part":
            history.undo(w.database, one.id, actor, only=only)
        else:
            history.undo(w.database, one.id, actor, choice=way)
    except UserError:
        return ""
    return f"{way}: {one.id} {one.title}"
