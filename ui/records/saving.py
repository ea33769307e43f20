"""Writes that lists and cards share, each with its toast and its way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import EditConflict, ValidationFailed
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.records import attach_service, bulk_edit, queries, service
from crm_desktop.records.queries import Record
from ui.framework import tasks
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.widgets.toast import show_toast

AT_ONCE = 200
"""More records than this are changed as a job with progress."""
_PART = bulk_edit.PART
_BULK = 3000


def plural_text(spec: Entity, count: int) -> str:
    """ "1 contact", "214 contacts" in the language in use."""
    name = translate(spec.label if count == 1 else spec.plural)
    return f"{format_integer(count)} {name[:1].lower()}{name[1:]}"


def show_saved(owner: QWidget, navigator: Navigator, text: str) -> None:
    """A toast that offers Undo."""
    undo = getattr(navigator, "undo", None)
    show_toast(owner, text, _("Undo") if undo else "", undo)


def write_many(
    owner: QWidget, office: Office, title: str, params: Mapping[str, Any], ids: Sequence[int],
    work: Callable[[Any, list[int]], Any], done: Callable[[], None],
    on_error: Callable[[Exception], None] | None = None,
) -> None:  # fmt: skip
    """Do ``work(unit of work, ids)`` for many records in one change set; as a job where they are many.

    Args:
        title: of the change set, a source text with the placeholders ``params``.
    """
    chosen = sorted(ids)  # everybody locks records in the same order
    if len(chosen) <= AT_ONCE:
        office.write(
            owner, title, lambda uow: work(uow, chosen), lambda _result: done(), on_error, params=params, kind="bulk"
        )
        return

    def job(progress: Progress) -> None:
        def parts(uow: Any) -> None:
            for start in range(0, len(chosen), _PART):
                progress.update(start, len(chosen))
                work(uow, chosen[start : start + _PART])
            progress.update(len(chosen), len(chosen))

        office.carry_out(title, parts, params=params, kind="bulk", bulk=len(chosen) > _BULK)

    tasks.run_job(translate(title).format(**params), job, lambda _result: done(), on_error, owner=owner)


def save_many(
    owner: QWidget, office: Office, navigator: Navigator, entity: str, ids: Sequence[int], values: Mapping[str, Any],
    done: Callable[[], None] | None = None, on_error: Callable[[Exception], None] | None = None,
) -> None:  # fmt: skip
    """Give many records the same values."""
    spec = office.database.schema.entity(entity)
    what = plural_text(spec, len(ids))

    def finished() -> None:
        show_saved(owner, navigator, _("Saved in {what}").format(what=what))
        if done:
            done()

    write_many(
        owner, office, N_("Edit {what}"), {"what": what}, ids,
        lambda uow, part: bulk_edit.update_records(uow, entity, part, values), finished, on_error,
    )  # fmt: skip


def tag_many(
    owner: QWidget, office: Office, navigator: Navigator, entity: str, ids: Sequence[int], name: str, *,
    remove: bool = False, done: Callable[[], None] | None = None,
) -> None:  # fmt: skip
    """Give records a tag, or take it from them."""
    spec = office.database.schema.entity(entity)
    what = plural_text(spec, len(ids))
    title = N_("Remove tag “{tag}” from {what}") if remove else N_("Tag {what} “{tag}”")

    def work(uow: Any, part: list[int]) -> None:
        if remove:
            attach_service.untag_records(uow, part, name)
        else:
            attach_service.tag_records(uow, entity, part, name)

    def finished() -> None:
        text = _("Tag “{tag}” removed from {what}") if remove else _("Tag “{tag}” added to {what}")
        show_saved(owner, navigator, text.format(tag=name, what=what))
        if done:
            done()

    write_many(owner, office, title, {"what": what, "tag": name}, ids, work, finished)


def delete_many(
    owner: QWidget, office: Office, navigator: Navigator, entity: str, ids: Sequence[int],
    done: Callable[[], None] | None = None,
) -> None:  # fmt: skip
    """Delete records; undo and “Recently deleted” bring them back. A single one is called by its name."""
    spec = office.database.schema.entity(entity)

    def delete(titles: Mapping[int, str]) -> None:
        what = next(iter(titles.values()), "") or plural_text(spec, len(ids))

        def finished() -> None:
            text = ngettext("{what} deleted", "{what} deleted", len(ids)).format(what=what)
            show_saved(owner, navigator, text)
            if done:
                done()

        write_many(
            owner, office, N_("Delete {what}"), {"what": what}, ids,
            lambda uow, part: service.delete_records(uow, entity, part), finished,
        )  # fmt: skip

    if len(ids) != 1:
        delete({})
        return
    schema = office.database.schema
    office.read(
        owner, lambda connection: queries.titles(schema, connection, entity, ids), delete, lambda _error: delete({})
    )


def save_fields(
    owner: QWidget, office: Office, entity: str, record_id: int, values: Mapping[str, Any], base: Mapping[str, Any], *,
    label: str, title: str, done: Callable[[], None], failed: Callable[[Exception], None],
) -> None:  # fmt: skip
    """Change fields of one record, refusing what somebody else changed meanwhile.

    Args:
        base: the values that were shown when the person began; links as ids.
        label, title: the field's and the record's name, for the history.
        failed: gets ValidationFailed, EditConflict, RecordGone or any other error.
    """
    office.write(
        owner, N_("Edit {label}: {title}"),
        lambda uow: service.update_record(uow, entity, record_id, values, base=base),
        lambda _changed: done(), failed, params={"label": label, "title": title},
    )  # fmt: skip


def save_solved(
    owner: QWidget, office: Office, entity: str, record_id: int, values: Mapping[str, Any], notes: str, *,
    label: str, title: str, done: Callable[[], None],
) -> None:  # fmt: skip
    """Save what was chosen in a conflict; ``notes``, what was left out, goes into the timeline."""

    def work(uow: Any) -> None:
        service.update_record(uow, entity, record_id, values)
        if notes:
            attach_service.add_note(uow, entity, record_id, notes)

    office.write(
        owner, N_("Edit {label}: {title}"), work, lambda _result: done(), params={"label": label, "title": title}
    )


def sentence_for(error: Exception, field: str) -> str:
    """What a refused save has to say at a field; "" where the error is not about fields."""
    if isinstance(error, ValidationFailed):
        own = [str(one) for one in error.errors if one.field in (field, "")]
        return " ".join(own or [str(one) for one in error.errors])
    return "" if isinstance(error, EditConflict) else str(error)


def tag_changes(
    owner: QWidget, office: Office, navigator: Navigator, record: Record, added: Sequence[str], removed: Sequence[str]
) -> None:
    """Add tags to one record and take others from it, in one change set."""

    def work(uow: Any) -> None:
        for name in added:
            attach_service.tag_records(uow, record.entity, [record.id], name)
        for name in removed:
            attach_service.untag_records(uow, [record.id], name)

    office.write(
        owner, N_("Edit the tags of {title}"), work, lambda _done: show_saved(owner, navigator, _("Tags saved")),
        params={"title": record.title},
    )  # fmt: skip
