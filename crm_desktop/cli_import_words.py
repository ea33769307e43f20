"""What the import command prints and logs: for people, for programs, and line by line for the log of a scheduled run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.importing.result import ImportResult
from crm_desktop.importing.scheduled import BROKEN, IMPORTED, KNOWN, LEFT, OVER, Outcome

_SHOWN = 20
_KNOWN = N_("was imported already; nothing was done. With --again it is imported once more.")
_LEFT = N_("is still being written; the next run takes it.")
_COUNTS = N_(
    "{created} created, {updated} updated, {unchanged} unchanged, {duplicates} duplicates, {rejected} rejected"
)
_NAMES = ("rows_read", "created", "updated", "unchanged", "duplicates", "rejected_count", "problem_count")


def sentence(error: BaseException) -> str:
    """An error as one line."""
    if isinstance(error, UserError):
        return " ".join(str(error).split())
    text = _("Something went wrong in the program: {error}")
    return " ".join(text.format(error=f"{type(error).__name__}: {error}").split())


def counts(result: Any) -> str:
    """The numbers of a part or of all of them."""
    total = result.total if hasattr(result, "total") else lambda name: getattr(result, name)
    number = formats.format_integer
    folded = total("folded")
    again = ngettext(", {n} row names such a record again", ", {n} rows name such a record again", folded)
    return translate(_COUNTS).format(
        created=number(total("created")), updated=number(total("updated")), unchanged=number(total("unchanged")),
        duplicates=number(total("duplicates")), rejected=number(total("rejected_count")),
    ) + (again.format(n=number(folded)) if folded else "") + _restored(total("restored"))  # fmt: skip


def _restored(count: int) -> str:
    """How many of the updated records had been deleted and came back."""
    text = ngettext("; {n} of them restored", "; {n} of them restored", count)
    return text.format(n=formats.format_integer(count)) if count else ""


def rejected_lines(result: ImportResult, most: int = 0) -> Iterator[str]:
    """A line for each rejected row; for the first ones where ``most`` is given."""
    shown = result.rejected[:most] if most else result.every_rejected()
    for one in shown:
        where = _("Row {row}, {column}") if one.column else _("Row {row}")
        line = f"{where.format(row=one.row, column=one.column)}: {one.reason}"
        yield " ".join((f"{line} ({one.value})" if one.value else line).split())
    more = result.rejected_count - most
    if most and more > 0:
        yield ngettext("and {n} more row", "and {n} more rows", more).format(n=formats.format_integer(more))


def lines(outcome: Outcome, schema: Any, *, named: bool) -> Iterator[str]:
    """What became of a file, for a person; ``named`` where there are several."""
    if named:
        yield f"{outcome.path.name}:"
    if outcome.recipe:
        yield _("By the recipe “{name}”.").format(name=outcome.recipe)
    yield from (str(note) for note in outcome.notes)
    if outcome.state == KNOWN:
        yield f"{outcome.path.name} {translate(_KNOWN)}"
    elif outcome.state == LEFT:
        yield f"{outcome.path.name} {translate(_LEFT)}"
    results = outcome.results
    if results is not None:
        for part in results.parts:
            several = len(results.parts) > 1
            yield (f"{part_name(part, schema)}: " if several else "") + counts(part)
            yield from (f"  {line}" for line in rejected_lines(part, _SHOWN))
        if outcome.state == IMPORTED and results.parts[0].rehearsal:
            yield _("This was a rehearsal: nothing was kept.")
        elif outcome.state == IMPORTED and results.change_set:
            yield _("To take it back: undo {change}").format(change=results.change_set)
    for path in outcome.rejects:
        yield _("Rejected rows: {file}").format(file=path)
    if outcome.moved_to is not None:
        yield _("Moved to {file}").format(file=outcome.moved_to)


def part_name(part: ImportResult, schema: Any) -> str:
    """What a part of a file is called: its table and its records."""
    plural = translate(schema.entity(part.plan.entity).plural)
    name = part.plan.source.part
    return _("{table}: {records}").format(table=name, records=plural) if name else plural


def without_backup(error: Exception) -> str:
    """That an import went on without the backup before it, and why."""
    text = _("The backup before the import could not be made: {reason}").format(reason=sentence(error))
    return _("{reason} The import can be undone without it, too.").format(reason=text)


def log_lines(outcome: Outcome, schema: Any) -> Iterator[str]:
    """What became of a file, for the log: a line with the numbers, then one for each rejected row."""
    name = outcome.path.name
    if outcome.not_backed_up is not None:
        yield without_backup(outcome.not_backed_up)
    if outcome.state == KNOWN:
        yield f"{name} {translate(_KNOWN)}"
    elif outcome.state == LEFT:
        yield f"{name} {translate(_LEFT)}"
    elif outcome.state in (OVER, BROKEN):
        reason = sentence(outcome.error) if outcome.error is not None else ""
        yield _("{file} not imported: {reason}").format(file=name, reason=reason)
    results = outcome.results
    if results is not None:
        for part in results.parts:
            rows = ngettext("{n} row", "{n} rows", part.rows_read).format(n=formats.format_integer(part.rows_read))
            done = _("tried out") if part.rehearsal else _("not kept") if outcome.state == OVER else _("imported")
            told = [f"{name} {done}", part_name(part, schema), rows, counts(part)]
            if outcome.recipe:
                told.append(_("recipe “{name}”").format(name=outcome.recipe))
            if part.change_set:
                told.append(_("undo {change}").format(change=part.change_set))
            yield " · ".join(told)
            yield from (f"{name} {line}" for line in rejected_lines(part))
    yield from (f"{name} {note}" for note in outcome.notes)
    yield from (f"{name} " + _("Rejected rows: {file}").format(file=path) for path in outcome.rejects)
    if outcome.moved_to is not None:
        yield f"{name} " + _("Moved to {file}").format(file=outcome.moved_to)


class Log:
    """The log of scheduled imports: every line begins with the time."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        if path is not None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.open("a", encoding="utf-8").close()
            except OSError as error:
                raise UserError(
                    N_("The log {name} cannot be written. Choose another file."), name=str(path), details=str(error)
                ) from error

    def write(self, texts: Sequence[str]) -> None:
        """Add lines."""
        if self.path is None or not texts:
            return
        now = clock.now().astimezone(clock.local_zone()).isoformat(timespec="seconds")
        with self.path.open("a", encoding="utf-8") as file:
            file.writelines(f"{now} {' '.join(text.split())}\n" for text in texts)


def part_json(result: ImportResult) -> dict[str, Any]:
    """The numbers of a part and its rejected rows, for programs."""
    rejected = [_problem(one) for one in result.every_rejected()]
    return {
        "entity": result.plan.entity, "sheet": result.plan.source.part, "created": result.created,
        "updated": result.updated, "restored": result.restored, "unchanged": result.unchanged, "duplicates": result.duplicates,
        "rejected": rejected, "change_set": result.change_set, "seconds": round(result.seconds, 3),
        "rows": result.rows_read, "cell_problems": [_problem(one) for one in result.cell_problems],
        "parents": result.parents, "dry_run": result.rehearsal,
    }  # fmt: skip


def _problem(one: Any) -> dict[str, Any]:
    return {"row": one.row, "column": one.column, "value": one.value, "reason": str(one.reason)}


def outcome_json(outcome: Outcome, code: int) -> dict[str, Any]:
    """What became of a file, for programs. The numbers are those of all its parts; several stand in "parts" too."""
    told: dict[str, Any] = {
        "file": str(outcome.path), "state": outcome.state, "exit_code": code, "recipe": outcome.recipe,
        "error": sentence(outcome.error) if outcome.error is not None else "",
        "notes": [str(note) for note in outcome.notes], "rejects": [str(path) for path in outcome.rejects],
        "moved_to": str(outcome.moved_to) if outcome.moved_to is not None else "",
    }  # fmt: skip
    if outcome.results is None:
        return told
    parts = [part_json(one) for one in outcome.results.parts]
    if len(parts) == 1:
        return {**told, **parts[0]}
    sums: Mapping[str, Any] = {
        name: sum(part[name] for part in parts)
        for name in ("created", "updated", "restored", "unchanged", "duplicates", "rows")
    }
    rejected = [{**one, "part": part["sheet"]} for part in parts for one in part["rejected"]]
    return {
        **told, **sums, "rejected": rejected, "change_set": outcome.results.change_set,
        "seconds": round(outcome.results.seconds, 3), "dry_run": parts[0]["dry_run"], "parts": parts,
    }  # fmt: skip
