"""Which column of a file is which field: by known formats, by the names of the columns, and by their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.importing import header_scores, lexicon
from crm_desktop.importing.cell_parts import PLACE, SPLIT
from crm_desktop.importing.known_headers import (
    DATE_PARTS,
    EMAIL,
    EXTRA,
    FURTHER,
    ID_WORDS,
    JOIN,
    LABELLED,
    LAST_FIRST,
    NOTHING,
    NUMBER,
    TYPE,
    Known,
    known,
)  # fmt: skip
from crm_desktop.importing.programs.known import Recognised, recognise
from crm_desktop.importing.settle import ColumnMapping as ColumnMapping
from crm_desktop.importing.settle import settle
from crm_desktop.importing.table import ColumnGuess, Evidence
from crm_desktop.importing.targets import AS_FILE, EXTERNAL_ID, LINKS, OTHER, PHOTO

ENOUGH = 0.55
"""A guess below this is not proposed."""
_VALUES = 0.62
_SAY = {
    "email": N_("The values are e-mail addresses"), "phone": N_("The values are phone numbers"),
    "tax_id": N_("The values are tax numbers"), "url": N_("The values are web addresses"),
    "person": N_("The values are names of people"), "company": N_("The values are names of companies"),
    "city": N_("The values are cities"), "state": N_("The values are states"), "country": N_("The values are countries"),
    "postcode": N_("The values are postcodes"), "street": N_("The values are streets"),
    "date": N_("The values are dates"), "datetime": N_("The values are dates"), "long_text": N_("The values are long texts"),
}  # fmt: skip
_BY_VALUES = {
    "email": ("email",), "phone": ("phone", "mobile"), "tax_id": ("tax_id",), "url": ("website",), "city": ("city",),
    "state": ("region",), "country": ("country",), "postcode": ("postcode",), "street": ("street",),
}  # fmt: skip
_ADDRESS = ("street", "street2", "city", "region", "postcode", "country")
_MAIL_OF_PEOPLE = frozenset(
    "email mail address customer client contact cliente contato contacto person user requester solicitante from".split()
)
_NAMING = frozenset({"person", "company", "text", "choice", "mixed", "city", "constant"})
_CITY_WORDS = frozenset("city cidade ciudad town municipio localidad localidade poblacion mun local location".split())
_PEOPLE = frozenset(
    "cliente clientes customer client paciente aluno aluna socio associado membro morador proprietario inquilino funcionario "
    "colaborador hospede comprador titular responsavel student patient member tenant guest employee alumno alumna huesped "
    "propietario empleado participante inscrito atleta professor segurado devedor conjuge".split()
)
"""What lists of people call the column with their names, where it is not "name"."""
_DATE_WORDS = frozenset({"date", "data", "fecha"})
_COUNTED = frozenset({"n", "no", "nr", "nro", "num", "numero", "number"})
_SALUTATIONS = frozenset(
    "mr mrs ms miss mister dr dra sr sra srta prof professor professora profesor don dona sir rev eng".split()
)


@dataclass(frozen=True)
class _Bid:
    score: float
    target: str
    reason: Evidence
    transform: str = ""
    label: str = ""


def guess_mapping(
    columns: Sequence[ColumnGuess], fields: Sequence[Field], language: str | None = None, *, title: str = "name",
    entity: str = "",
) -> list[ColumnMapping]:  # fmt: skip
    """Propose a field for every column. No two columns share a field unless they can be put together.

    Args:
        columns: what was guessed about the columns.
        fields: where they may go (``targets_of``).
        language: not needed: headers are known in every language of the program. Kept for callers that know it.
        title: the field that names a record.
        entity: the record type, so that columns of a program that is recognised go where they belong.
    """
    by_name = {one.name: one for one in fields}
    bids = [_bids(column, columns, by_name, title) for column in columns]
    program = recognise([column.original for column in columns]) if entity else None
    if program is not None:
        bids = [_as_in(program, entity, column, some, by_name) for column, some in zip(columns, bids, strict=True)]
    _prefer_one_address(bids, columns)
    chosen = _assign(bids, by_name)
    result = []
    for column, bid, all_bids in zip(columns, chosen, bids, strict=True):
        others = {b.target: round(b.score, 2) for b in reversed(all_bids) if bid is None or b.target != bid.target}
        alternatives = tuple(sorted(others.items(), key=lambda item: -item[1])[:5])
        if bid is None:
            reason = Evidence(N_("No field is like this column"))
            if column.kind == "empty":
                reason = Evidence(N_("The column is empty"))
            elif program is not None and _is_nothing(program, entity, column):
                reason = Evidence(N_("{program} keeps it for itself"), {"program": program.name})
            result.append(ColumnMapping(column.index, column.header, None, 0.0, reason, alternatives=alternatives))
        else:
            result.append(
                ColumnMapping(column.index, column.header, bid.target if bid.transform != TYPE else None, round(bid.score, 2),
                              bid.reason, bid.transform, bid.label, alternatives=alternatives)
            )  # fmt: skip
    return settle(result, columns, by_name, title)


def _prefer_one_address(bids: list[list[_Bid]], columns: Sequence[ColumnGuess]) -> None:
    """Where a file has several addresses, the one with most cells filled comes first: that of work where none has."""
    filled: dict[str, int] = {}
    for some, column in zip(bids, columns, strict=True):
        if some and some[0].target in _ADDRESS and some[0].score > ENOUGH:
            filled[some[0].label] = filled.get(some[0].label, 0) + column.filled
    if len(filled) < 2:
        return
    liked = ("work", "", "home", "other")
    ranked = sorted(filled, key=lambda label: (-filled[label], liked.index(label) if label in liked else 9))
    for position, some in enumerate(bids):
        if some and some[0].target in _ADDRESS:
            raised = (
                0.03
                if some[0].label == ranked[0]
                else -0.02 * ranked.index(some[0].label)
                if some[0].label in ranked
                else 0
            )
            bids[position] = [replace(some[0], score=some[0].score + raised), *some[1:]]


def tells_apart(column: ColumnGuess, width: int) -> bool:
    """Whether hardly any value of a column comes twice. Values are told apart in a sample, which is smaller in wide tables."""
    if not column.filled:
        return True
    most = max(80, min(1500, 40_000 // max(1, width)))
    looked_at = min(column.filled, most * column.filled / max(column.total, column.filled))
    return column.distinct >= 0.9 * looked_at - min(1.0, looked_at / 8)  # a short list may name one person twice


def _bids(column: ColumnGuess, columns: Sequence[ColumnGuess], fields: dict[str, Field], title: str) -> list[_Bid]:
    words = lexicon.header_words(lexicon.without_unit(column.original))
    if column.kind == "image":
        return [_Bid(0.95, PHOTO, Evidence(AS_FILE))] if PHOTO in fields else []
    found: list[_Bid] = []
    pattern = known(words) or known(lexicon.long_words(words)) if words else None
    if column.parts == PLACE and set(words) & _CITY_WORDS and "city" in fields:
        found.append(_Bid(0.97, "city", Evidence(N_("A city and its state in one cell")), SPLIT))
    if pattern is not None:
        if pattern.nothing:
            return []
        found += _known_bids(pattern, column, fields)
    if words:
        named = _header_bids(words, column, columns, fields)
        found += [bid for bid in named if not found or bid.score >= 0.9 or bid.target == found[0].target]
        found += _further_bids(words, column, fields, {bid.target for bid in found if bid.score >= 0.8})
        if tells_apart(column, len(columns)):
            found += [one for one in _record_number(words, column, fields, title) if one.score > 0.55 or not found]
    found += _value_bids(column, fields, title, named=bool(lexicon.hints(column.original)))
    return sorted((bid for bid in found if bid.score > 0.2), key=lambda bid: -bid.score)


def _is_nothing(program: Recognised, entity: str, column: ColumnGuess) -> bool:
    return any(said == NOTHING for said, _likely in program.known(entity, column.original))


def _as_in(
    program: Recognised, entity: str, column: ColumnGuess, bids: list[_Bid], fields: dict[str, Field]
) -> list[_Bid]:
    """The bids for a column of a program that is known: what it is there comes first, what else it could be after it."""
    sayings = program.known(entity, column.original)
    if not sayings or column.kind == "image":
        return bids
    if sayings[0][0].nothing:
        return []
    reason = Evidence(N_("“{header}” is a column of {program}"), {"header": column.header, "program": program.name})
    found: list[_Bid] = []
    for said, likely in sayings:
        field = fields.get(said.target)
        if field is None:
            continue
        whole = said.transform in (*DATE_PARTS, JOIN, NUMBER, LABELLED)
        fits = 1.0 if whole else header_scores.fit(column, field)
        if fits >= 0.5:
            found.append(_Bid(max(0.99 * fits, 0.6) * likely, said.target, reason, said.transform, said.label))
    if not found:
        return bids
    targets = {bid.target for bid in found}
    others = [
        replace(bid, score=0.8 * bid.score) for bid in bids if bid.target not in targets and bid.transform != TYPE
    ]
    return [*found, *others]


def _known_bids(pattern: Known, column: ColumnGuess, fields: dict[str, Field]) -> list[_Bid]:
    reason = Evidence(N_("“{header}” is a usual column of address books"), {"header": column.header})
    field = fields.get(pattern.target)
    if pattern.transform == TYPE:
        return [_Bid(0.9, pattern.target, Evidence(N_("Tells the type of the next column")), TYPE)]
    if field is None:
        return []
    fits = header_scores.fit(column, field)
    if pattern.transform in DATE_PARTS:
        fits = 1.0
    elif pattern.transform == JOIN and field.kind is Kind.PHONE:
        fits = 1.0 if column.kind in ("integer", "decimal", "id", "choice", "text", "phone", "constant") else 0.3
    return [_Bid(0.965 * fits, pattern.target, reason, pattern.transform, pattern.label)]


def _header_bids(
    words: tuple[str, ...], column: ColumnGuess, columns: Sequence[ColumnGuess], fields: dict[str, Field]
) -> list[_Bid]:
    found = []
    long = lexicon.long_words(words)
    for name, field in fields.items():
        if name.endswith(OTHER):
            continue
        score, text = header_scores.header_score(words, field)
        if long != words:
            score, text = max((score, text), header_scores.header_score(long, field))
        by_number = field.kind is Kind.LINK and _says_number(words, column)
        if by_number:
            less = tuple(word for word in words if word not in ID_WORDS) or words
            bare = tuple(word.removesuffix("id") if len(word) > 4 else word for word in less)
            score, text = max((score, text), header_scores.header_score(bare, field))
        if score < 0.5:
            continue
        if text.lower() == column.original.strip().lower():
            score += 0.004
        fits = header_scores.fit(column, field)
        if field.kind is Kind.CHOICE and column.filled and fits > 0.99:
            score += 0.02  # every value is one of its choices: no accident
        if field.kind is Kind.LINK and score < 0.9 and column.kind in ("choice", "constant", "bool"):
            fits *= 0.8
        if words == ("title",) and name in ("prefix", "job_title"):
            salutation = any(v in _SALUTATIONS for v in header_scores.known_values(column))
            fits, score = (1.0 if salutation == (name == "prefix") or not column.filled else 0.5), max(score, 0.9)
        if name == "number" and field.system and column.kind not in ("id", "integer", "text", "empty"):
            fits *= 0.6
        reason = Evidence(N_("The column is called “{header}”"), {"header": column.header})
        if score < 0.93:
            reason = Evidence(N_("“{header}” is like “{name}”"), {"header": column.header, "name": text})
        transform = NUMBER if by_number else EMAIL if field.kind in LINK_KINDS and column.kind == "email" else ""
        found.append(_Bid(score * fits, name, reason, transform))
    if "first_name" in fields and len(words) == 1 and words[0] in _PEOPLE and column.kind in _NAMING:
        reason = Evidence(N_("“{header}” names the people of the list"), {"header": column.header})
        found.append(_Bid(0.9 if column.kind != "company" else 0.6, "name", reason))
        if words[0] in ("cliente", "clientes", "customer", "client"):
            found.append(_Bid(0.62 if column.kind != "company" else 0.9, "company_id", reason))
    if _is_street_number(words, column, columns) and "street" in fields:
        reason = Evidence(N_("The house number stands beside the street"))
        found.append(_Bid(0.995, "street", reason, JOIN))
    return found


def _further_bids(words: tuple[str, ...], column: ColumnGuess, fields: dict[str, Field], had: set[str]) -> list[_Bid]:
    """What offices call a column where it is not the name of the field: "Defeito", "Técnico", "DOB"."""
    found = []
    reason = Evidence(N_("Offices call it “{header}”"), {"header": column.header})
    sure = 0.67 if len(words) == 1 and words[0] in _DATE_WORDS else 0.92  # "Date" alone says little
    for rank, name in enumerate(FURTHER.get(" ".join(lexicon.long_words(words)), ())):
        field = fields.get(name)
        if field is not None and name not in had:
            found.append(_Bid((sure - 0.04 * rank) * header_scores.fit(column, field), name, reason))
    if "birthday" in fields and column.detail == "no_year" and {"birthday", "nascimento", "aniversario", "cumpleanos"} & {
        *lexicon.long_words(words)
    }:  # fmt: skip
        noted = Evidence(N_("Days without a year are kept in the remarks"))
        found += [_Bid(0.9, name, noted, LABELLED) for name in ("notes",) if name in fields]
    return found


def _record_number(words: tuple[str, ...], column: ColumnGuess, fields: dict[str, Field], title: str) -> list[_Bid]:
    """The other program's own id of the record: "VENDORID", "task id", "Record Id", "ID"."""
    target = next((name for name in (EXTERNAL_ID, "number", "code", "uid") if name in fields), "")
    if not target or column.kind in ("date", "email", "url", "person", "company"):
        return []
    number = next((name for name in ("number", "code") if name in fields), "")
    if number and words[0] in _COUNTED and (set(words[1:]) & _PEOPLE if words[1:] else not _counts_rows(column)):
        return [_Bid(0.8, number, Evidence(N_("“{header}” tells the records apart"), {"header": column.header}))]
    joined = "".join(words)
    own = {word for spelling in header_scores.spellings(fields[title]) for word in spelling.words} | {
        "record",
        "external",
        "",
    }
    stem = next((joined.removesuffix(end) for end in ("id", "number", "numero", "code") if joined.endswith(end)), None)
    if stem is None:
        return []
    if stem not in own:
        first = column.index == 0 and target == EXTERNAL_ID and joined.endswith("id")
        return [
            _Bid(0.5, target, Evidence(N_("“{header}” may be the id of the record"), {"header": column.header}))
        ] * first
    if not joined.endswith("id"):
        target = next((name for name in ("number", "code", "uid") if name in fields), target)
    return [_Bid(0.8, target, Evidence(N_("“{header}” tells the records apart"), {"header": column.header}))]


def _counts_rows(column: ColumnGuess) -> bool:
    """Whether a column only counts the rows: 1, 2, 3, ..."""
    return [str(value).removesuffix(".0") for value in column.samples[:3]] == ["1", "2", "3"][: len(column.samples)]


def _says_number(words: tuple[str, ...], column: ColumnGuess) -> bool:
    if words[-1] in ID_WORDS or words[-1].endswith("id") and len(words[-1]) > 4:
        return True
    return column.kind in ("id", "integer") and words[0] in ID_WORDS


def _is_street_number(words: tuple[str, ...], column: ColumnGuess, columns: Sequence[ColumnGuess]) -> bool:
    """ "Número" is the house number where the column before it is the street."""
    position = next((i for i, other in enumerate(columns) if other.index == column.index), 0)
    if not position or words not in (("numero",), ("number",), ("num",), ("no",), ("nr",), ("n",), ("nro",)):
        return False
    before = columns[position - 1]
    return (
        before.kind == "street"
        or known(lexicon.header_words(before.original)) == Known("street")
        or bool(
            {"logradouro", "rua", "calle", "endereco", "street", "direccion"}
            & set(lexicon.header_words(before.original))
        )
    )


def _value_bids(column: ColumnGuess, fields: dict[str, Field], title: str, *, named: bool) -> list[_Bid]:
    """What the values alone say; less where the header is made of known words that say something else."""
    kind = column.kind
    score = _VALUES * (0.6 + 0.4 * column.confidence) * (0.8 if named and kind != "email" else 1.0)
    reason = Evidence(_SAY.get(kind, N_("The values look like it")))
    found = [
        _Bid(score - 0.02 * rank, name, reason) for rank, name in enumerate(_BY_VALUES.get(kind, ())) if name in fields
    ]
    if kind == "phone" and "mobile" in fields and column.samples and not column.detail:
        found = found[:1]
    if kind == "email" and "email" not in fields and not set(lexicon.header_words(column.original)) - _MAIL_OF_PEOPLE:
        links = [name for name in ("contact_id", LINKS + "contact") if name in fields]
        found += [_Bid(0.9 * (0.6 + 0.4 * column.confidence), name, reason, EMAIL) for name in links[:1]]
    person = "first_name" in fields
    if kind == "person":
        part = {"first": "first_name", "last": "last_name"}.get(column.detail, title)
        if person:
            transform = LAST_FIRST if column.detail == "last_first" else ""
            found.append(_Bid(score, part if part in fields else title, reason, transform))
        elif "contact_id" in fields:
            found.append(_Bid(0.85 * score, "contact_id", reason))
    if kind in ("choice", "text", "constant", "bool") and 2 <= len(header_scores.known_values(column)) <= 12:
        for name, field in fields.items():
            if field.kind is Kind.CHOICE and not field.custom and header_scores.choice_fit(column, field) > 0.99:
                said = Evidence(N_("The values are those of “{label}”"), {"label": field.label})
                found.append(_Bid(0.58, name, said))
    if kind == "company":
        found.append(_Bid(score, "company_id" if "company_id" in fields else title, reason))
    if kind == "long_text":
        found += [_Bid(0.5 * score, name, reason) for name in ("notes", "description") if name in fields]
    return found


def _assign(bids: list[list[_Bid]], fields: dict[str, Field]) -> list[_Bid | None]:
    """Give every column its best field, the surest columns first."""
    order = sorted(
        ((bid.score, -position, -rank, position, bid) for position, some in enumerate(bids) for rank, bid in enumerate(some)),
        key=lambda item: item[:3], reverse=True,
    )  # fmt: skip
    chosen: list[_Bid | None] = [None] * len(bids)
    taken: dict[str, list[_Bid]] = {}
    for score, _p, _r, position, bid in order:
        if chosen[position] is not None or score < ENOUGH:
            continue
        accepted = _fitting(bid, taken.get(bid.target, []), fields, taken)
        if accepted is None:
            continue
        chosen[position] = accepted
        if accepted.transform != TYPE:
            taken.setdefault(accepted.target, []).append(accepted)
    return chosen


def _fitting(bid: _Bid, holders: list[_Bid], fields: dict[str, Field], taken: dict[str, list[_Bid]]) -> _Bid | None:
    """The bid as it can be accepted beside those that hold its field already; None where it cannot."""
    field = fields.get(bid.target)
    if bid.transform == TYPE:
        return bid
    if field is None:
        return None
    if field.child.startswith("addresses.") and bid.label and _is_other_address(bid, holders, taken):
        other = bid.target + OTHER
        held = [h for name, some in taken.items() if name.endswith(OTHER) for h in some]
        if other not in fields or any(h.label != bid.label for h in held) or other in taken and bid.transform != JOIN:
            return None
        return replace(bid, target=other)
    if not holders:
        return bid
    transforms = {h.transform for h in holders}
    if bid.transform in (JOIN, EXTRA) or bid.transform in DATE_PARTS and bid.transform not in transforms:
        return bid
    if all(h.transform in (JOIN, EXTRA) for h in holders):
        return bid
    if field.kind is Kind.LINK and bid.transform not in transforms:
        return bid
    if field.kind is Kind.LONG_TEXT and bid.score > 0.8:
        return replace(bid, transform=LABELLED)
    if field.child.startswith("points.") and bid.score > 0.6:
        return replace(bid, transform=EXTRA)
    return None


def _is_other_address(bid: _Bid, holders: list[_Bid], taken: dict[str, list[_Bid]]) -> bool:
    """Whether a part of an address belongs to another address than the parts that have been placed so far."""
    if any(h.label == bid.label for h in holders) and bid.transform == JOIN:
        return False
    labels = {h.label for name in _ADDRESS for h in taken.get(name, [])}
    if bid.label == "other":
        return bool(labels - {"other"})
    return bool(holders) or bool(labels - {""}) and bid.label not in labels
