"""What the members of an archive are: each is looked at like a file of its own, and their tables stand side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.importing import archives, table
from crm_desktop.importing.archives import Member
from crm_desktop.importing.table import Evidence, FileGuess, ReadOptions, SheetGuess

Inspect = Callable[[Path, ReadOptions, Progress | None], FileGuess]

_MOST_TABLES = 200
_NAMED = 5
_ALL_LOCKED = N_("“{name}” is an archive with a password. Unpack it with its password and choose the file inside.")
_NO_TABLE = N_("There is no table in the archive “{name}”. Unpack it and look what is inside: {members}.")
_NO_FILE = N_("The archive “{name}” is empty.")

_known: dict[tuple[str, int, int, str], FileGuess | UserError] = {}


def inspect_archive(path: Path, kind: str, given: ReadOptions, progress: Progress | None, look: Inspect) -> FileGuess:
    """The tables of all members.

    Args:
        path: the archive.
        kind: its kind, ``table.ZIP`` and so on.
        given: what is decided; ``member`` and ``sheet`` say for which table. ``sheet`` may also be the name of a table.
        progress: asked whether to stop.
        look: how a file is looked at.

    Raises:
        UserError: nothing in it can be read, and why.
    """
    every = archives.members(path, kind)
    if not every:
        raise UserError(_NO_FILE, name=path.name)
    if all(member.locked for member in every):
        raise UserError(_ALL_LOCKED, name=path.name)
    sheets: list[SheetGuess] = []
    told: list[Evidence] = []
    left: list[tuple[str, UserError | None]] = []
    names = _tables(path, kind, every, told)
    for name in names:
        if progress:
            progress.check()
        if len(sheets) >= _MOST_TABLES:
            left.append((name, None))
            continue
        try:
            guess = _look(path, kind, name, _given_for(given, name), progress, look)
        except UserError as error:
            left.append((name, error))
            continue
        sheets += _sheets(name, guess)
    if not sheets:
        if len(left) == 1 and left[0][1] is not None:
            raise left[0][1]
        raise UserError(_NO_TABLE, name=path.name, members=_some([name for name, _error in left]))
    best = _best(sheets, given)
    outer = FileGuess(
        str(path), kind, tuple(sheets), best, archive=kind, of_sheets=tuple(_why(sheets, best, told)),
        left_out=tuple(_reason(name, error) for name, error in left),
    )  # fmt: skip
    found = outer.at(best)
    return replace(found, evidence=(*found.evidence, *outer.of_sheets, *_not_read(left)))


def _tables(path: Path, kind: str, every: list[Member], told: list[Evidence]) -> list[str]:
    """The names of what is looked at: members, and all single cards as one."""
    names: list[str] = []
    joined: set[str] = set()
    for ending in (".vcf", ".ics"):
        cards = archives.single_cards(path, kind, every, ending) if kind == table.ZIP else []
        if cards:
            names.append("*" + ending)
            joined |= {card.name for card in cards}
            told.append(Evidence(N_("{n} files with one card each are read as one table"), {"n": len(cards)}))
    stems = {member.name.lower()[:-4] for member in every if member.name.lower().endswith(".dbf")}
    parts = {f"{stem}.{ending}" for stem in stems for ending in archives.BESIDE}
    names += [one.name for one in every if one.name not in joined and one.name.lower() not in parts]
    return names


def _given_for(given: ReadOptions, name: str) -> ReadOptions:
    """What is decided about a member."""
    if given.member == name:
        return given.with_(member="", added=())
    if not given.member and given.sheet.startswith(name):
        rest = given.sheet[len(name) :]
        if not rest or rest.startswith(" › "):
            return given.with_(sheet=rest.removeprefix(" › "), added=())
    return ReadOptions()


def _look(
    path: Path, kind: str, name: str, given: ReadOptions, progress: Progress | None, look: Inspect
) -> FileGuess:  # fmt: skip
    """What a member is; what was found out once is kept, for a person tries one member after the other."""
    status = path.stat()
    key = (str(path), status.st_mtime_ns, status.st_size, name)
    plain = given == ReadOptions()
    known = _known.get(key) if plain else None
    if isinstance(known, UserError):
        raise known.with_traceback(None)
    if known is not None:
        return known
    try:
        if name.startswith("*"):
            given = given.with_(kind=table.VCARD if name == "*.vcf" else table.ICS)
        found = look(archives.unpack(path, kind, name, progress), given, progress)
        if found.archive:
            raise UserError(
                N_("“{name}” is an archive inside an archive. Unpack it and choose the file inside."), name=name
            )
    except UserError as error:
        if plain:
            _keep(key, error)
        raise
    if plain:
        _keep(key, found)
    return found


def _keep(key: tuple[str, int, int, str], found: FileGuess | UserError) -> None:
    while len(_known) > 2 * _MOST_TABLES:
        _known.pop(next(iter(_known)))
    _known[key] = found


def _sheets(member: str, guess: FileGuess) -> list[SheetGuess]:
    """The tables of a member under names that are theirs alone in the archive."""
    found = []
    for place in range(len(guess.sheets)):
        inner = guess.at(place)
        if guess.kind not in table.WORKBOOK_KINDS and len(guess.sheets) == 1:
            inner = replace(inner, sheets=(replace(inner.best, name=""),))
        options = inner.options().with_(member=member)
        found.append(replace(inner.best, name=options.part, member=member, file=inner))
    return found


def _best(sheets: list[SheetGuess], given: ReadOptions) -> int:
    wanted = [
        place
        for place, one in enumerate(sheets)
        if given.member
        and one.member == given.member
        and (one.file is None or given.sheet in ("", one.file.best.name))
        or not given.member
        and given.sheet
        and given.sheet in (one.name, one.member)
    ]
    places = wanted or list(range(len(sheets)))
    return max(places, key=lambda i: sheets[i].confidence * min(1.0, 0.5 + sheets[i].rows / 40) * 0.97**i)


def _why(sheets: list[SheetGuess], best: int, told: list[Evidence]) -> list[Evidence]:
    found = []
    if len(sheets) > 1:
        params = {"n": len(sheets), "name": sheets[best].name}
        found.append(Evidence(N_("Of {n} tables in the archive, “{name}” looks like data"), params))
    found += told
    return found


def _not_read(left: list[tuple[str, UserError | None]]) -> list[Evidence]:
    names = _some([name for name, _error in left])
    return [Evidence(N_("Files of the archive that are not read: {names}"), {"names": names})] if left else []


def _some(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


def _reason(name: str, error: UserError | None) -> Evidence:
    if error is None:
        return Evidence(N_("{name}: there are more tables in the archive than are read at once"), {"name": name})
    reason = str(error)
    if name in reason:
        return Evidence("{reason}", {"reason": reason})
    return Evidence(N_("{name}: {reason}"), {"name": name, "reason": str(error)})
