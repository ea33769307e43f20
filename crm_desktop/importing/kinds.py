"""Tables of people and companies in which a column tells which a row is: "Is a company", "PF/PJ", "Tipo de pessoa"."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from crm_desktop.core.text import fold
from crm_desktop.core.values import cell_text
from crm_desktop.importing import lexicon
from crm_desktop.importing.known_headers import FILLER
from crm_desktop.importing.table import ColumnGuess

_YES = frozenset("1 true yes y sim s si x verdadeiro verdadero v t".split())
_NO = frozenset("0 false no n nao falso f".split())
_IS = frozenset("is e es eh a an uma una".split())
_COMPANIES = frozenset((
    "juridica", "pessoa juridica", "juridico", "pj", "j", "p. juridica", "persona juridica", "persona moral", "moral", "company",
    "companies", "empresa", "organization", "organisation", "organizacao", "organizacion", "business", "corporate",
    "legal entity", "legal person", "account", "firma",
))  # fmt: skip
_PEOPLE = frozenset((
    "fisica", "pessoa fisica", "fisico", "pf", "f", "p. fisica", "persona fisica", "persona natural", "natural", "person",
    "people", "individual", "pessoa", "persona", "contact", "contato", "contacto", "natural person", "private", "autonomo",
))  # fmt: skip


def kind_of(cell: Any) -> str:
    """A cell as it is compared with the kinds of a plan."""
    return "" if cell is None else fold(cell_text(cell)).strip()


def telling_column(
    columns: Sequence[ColumnGuess], company: Collection[str]
) -> tuple[ColumnGuess, tuple[str, ...]] | None:
    """The column that tells people from companies, and what it says of companies; None where there is none.

    Args:
        company: what companies are called, in single words.
    """
    for column in columns:
        texts = [text for text, _count in column.choices] or [cell_text(value) for value in column.samples]
        said = {kind_of(text) for text in texts} - {""}
        if len(said) > 6 or column.kind in ("date", "email", "phone", "url"):
            continue
        words = {word for word in lexicon.header_words(column.original) if word not in FILLER}
        if words & set(company) and not words - set(company) - _IS and said & _YES and said <= _YES | _NO:
            return column, tuple(sorted(said & _YES))
        if said & _COMPANIES and said & _PEOPLE and said <= _COMPANIES | _PEOPLE:
            return column, tuple(sorted(said & _COMPANIES))
    return None
