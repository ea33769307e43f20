"""The last word about the columns of a table: what only several of them together can tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crm_desktop.core.fields import TEXT_KINDS, Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.importing import lexicon
from crm_desktop.importing.cell_parts import ADDRESS, PHONED, PLACE, SPLIT, TAXED
from crm_desktop.importing.known_headers import LAST_FIRST, TIME, TYPE, TYPED
from crm_desktop.importing.table import ColumnGuess, Evidence

_DATE_WORDS = frozenset({"date", "data", "fecha", "day", "dia"})
_TIME_WORDS = frozenset({"time", "hora", "hour", "horario"})
_SHORT_TEXT = 80
"""A description whose samples are all shorter than this may name a record that has no other name."""


@dataclass(frozen=True)
class ColumnMapping:
    """Where a column goes.

    Attributes:
        column: its position among the columns of the table.
        header: its name.
        target: name of the field (see ``targets_of``), or None where the column is not imported.
        confidence: 0 to 1.
        reason: why.
        transform: how its cells are used: "" as they are; "join" with the other columns of the field; "labelled" as a
            line "Header: value" of a long text; "extra" as one more phone, e-mail or address; "typed" as a phone or
            e-mail whose label is in column ``pair``; "last_first" as "Silva, Ana"; "number" or "email" to find a linked
            record by; "year", "month", "day" of a date; "split" where a cell holds several things;
            "fraction" where 0.25 is 25 %; "type" where the column only tells the type of another.
        label: of the phone or address that the header speaks of.
        pair: position of the column with the type; -1 where there is none.
        alternatives: other fields that it could be, with their scores, best first.
    """

    column: int
    header: str
    target: str | None
    confidence: float
    reason: Evidence
    transform: str = ""
    label: str = ""
    pair: int = -1
    alternatives: tuple[tuple[str, float], ...] = ()


def settle(
    mapped: list[ColumnMapping], columns: Sequence[ColumnGuess], fields: dict[str, Field], title: str
) -> list[ColumnMapping]:
    """What depends on several columns at once: types beside values, times beside dates, the parts of names and addresses."""
    result = list(mapped)
    stems = {_stem(column): position for position, column in enumerate(columns)}
    for position, one in enumerate(mapped):
        if one.transform == TYPE:
            of = stems.get(("value", _stem(columns[position])[1]))
            if (
                of is None
                or result[of].target is None
                or not fields[str(result[of].target)].child.startswith("points.")
            ):
                result[position] = replace(
                    one, transform="", reason=Evidence(N_("No field is like this column")), confidence=0.0
                )
                continue
            kind = fields[str(result[of].target)].child.split(".")[1]
            base = {"phone": "phone", "email": "email", "web": "website"}.get(kind, str(result[of].target))
            result[of] = replace(result[of], target=base, transform=TYPED, pair=one.column)
    _join_times(result, columns, fields)
    _settle_names(result, columns, fields)
    _settle_title(result, columns, fields, title)
    _take_apart(result, columns, fields)
    for position, column in enumerate(columns):
        one = result[position]
        if one.target and column.kind == "person" and column.detail == "last_first" and not one.transform:
            if fields[one.target].kind in TEXT_KINDS and one.target == "name":
                result[position] = replace(one, transform=LAST_FIRST)
    return result


def _take_apart(result: list[ColumnMapping], columns: Sequence[ColumnGuess], fields: dict[str, Field]) -> None:
    """Cells that hold several things are taken apart where no other column gives the rest."""
    taken = {one.target for one in result}
    for position, column in enumerate(columns):
        one = result[position]
        if not column.parts or one.target is None or one.transform not in ("", SPLIT):
            continue
        people = "first_name" in fields and fields[one.target].kind in TEXT_KINDS
        apart, why = {
            ("city", PLACE): ("region" not in taken, N_("A city and its state in one cell")),
            ("street", ADDRESS): (not {"city", "postcode"} & taken, N_("Whole addresses in one cell")),
            ("name", TAXED): (not people and "tax_id" in fields and "tax_id" not in taken, N_("A name and a tax number in one cell")),
            ("name", PHONED): (people, N_("Some names have a phone beside them")),
        }.get((one.target, column.parts), (False, ""))  # fmt: skip
        if apart:
            result[position] = replace(one, transform=SPLIT, reason=Evidence(why))
        elif one.transform == SPLIT:
            result[position] = replace(one, transform="")


def _join_times(result: list[ColumnMapping], columns: Sequence[ColumnGuess], fields: dict[str, Field]) -> None:
    """A column of times belongs to the date that is called alike: START_DATE and START_TIME."""
    dates = {
        _without(columns[i], _DATE_WORDS): one for i, one in enumerate(result)
        if one.target and not one.transform and fields[one.target].kind in (Kind.DATETIME, Kind.LOCAL_DATETIME)
    }  # fmt: skip
    for position, column in enumerate(columns):
        day = dates.get(_without(column, _TIME_WORDS))
        if column.kind == "time" and result[position].target is None and day is not None:
            reason = Evidence(N_("The time that belongs to “{header}”"), {"header": day.header})
            result[position] = replace(
                result[position], target=day.target, transform=TIME, confidence=0.9, reason=reason
            )


def _without(column: ColumnGuess, words: frozenset[str]) -> tuple[str, ...]:
    return tuple(word for word in lexicon.header_words(column.original) if word not in words)


def _stem(column: ColumnGuess) -> tuple[str, str]:
    """("type" or "value", what remains) so that "Phone 1 - Type" finds "Phone 1 - Value" and "Phone 1"."""
    words = lexicon.header_words(column.original)
    if words and words[-1] in ("type", "label", "tipo", "etiqueta"):
        return "type", " ".join(words[:-1])
    if words and words[-1] in ("value", "valor"):
        words = words[:-1]
    return "value", " ".join(words)


def _settle_names(result: list[ColumnMapping], columns: Sequence[ColumnGuess], fields: dict[str, Field]) -> None:
    """ "Nombre" beside "Apellidos" is the given name, and "Apelido" beside a given name is the surname in Portugal."""
    if "first_name" not in fields:
        return
    places = {one.target: position for position, one in enumerate(result) if one.target}
    if "name" in places and "first_name" not in places and "last_name" not in places and "nickname" in places:
        nick, name = columns[places["nickname"]], columns[places["name"]]
        if lexicon.header_words(nick.original) == ("apelido",) and name.detail in ("first", "last") and nick.filled:
            reason = Evidence(N_("The surname beside the given name"))
            result[places["nickname"]] = replace(result[places["nickname"]], target="last_name", reason=reason)
            places["last_name"] = places.pop("nickname")
    if "first_name" in places or not {"name", "last_name"} <= places.keys():
        return
    at, last = places["name"], columns[places["last_name"]]
    if _holds(columns[at], last):
        return  # whole names, with the surname once more beside them
    reason = Evidence(N_("The given name beside “{header}”"), {"header": last.header})
    result[at] = replace(result[at], target="first_name", reason=reason, confidence=0.9)
    for position, one in enumerate(result):
        score = dict(one.alternatives).get("name", 0.0)
        if one.target is None and score >= 0.9:
            reason = Evidence(N_("The column is called “{header}”"), {"header": one.header})
            result[position] = replace(one, target="name", reason=reason, confidence=score)
            break


def _holds(names: ColumnGuess, surnames: ColumnGuess) -> bool:
    """Whether the samples of a column hold those of another: "Ana Souza" beside "Souza"."""
    pairs = list(zip(names.samples, surnames.samples, strict=False))
    return bool(pairs) and sum(str(last).lower() in str(name).lower() for name, last in pairs) > 0.5 * len(pairs)


def _settle_title(
    result: list[ColumnMapping], columns: Sequence[ColumnGuess], fields: dict[str, Field], title: str
) -> None:
    """A record without a name is called by its legal name, or by a short description."""
    targets = {one.target for one in result}
    if title in targets or title not in fields or {"first_name", "last_name"} & targets:
        return
    for name, reason in (
        ("legal_name", N_("The only name that the file gives")),
        ("description", N_("Short texts that can name the record")),
    ):
        for position, one in enumerate(result):
            texts = [str(value) for value in columns[position].samples if value not in (None, "")]
            short = bool(texts) and all(len(text) <= _SHORT_TEXT and "\n" not in text for text in texts)
            if one.target == name and not one.transform and (short or name == "legal_name"):
                result[position] = replace(
                    one, target=title, reason=Evidence(reason), confidence=min(one.confidence, 0.8)
                )
                return
