"""How people search who do not see everything: what they ask in place of the statements of ``search``."""

from __future__ import annotations

import re
from collections.abc import Collection

from crm_desktop.core.text import words
from crm_desktop.db import search
from crm_desktop.db.schema import Schema

_TERM = re.compile(r'"([^"]+)"\*')


def asked_by(schema: Schema, tables: Collection[str], sqlite: bool, locked: bool) -> dict[str, str]:
    """The statements above to what a person asks in their place.

    Args:
        tables: those with fields that are hidden from the person.
        locked: the server itself knows what the person may see.
    """
    if locked:
        return {
            search.MATCHING[False]: "SELECT id FROM crm_search_ids(:crm_match) AS found(id)",
            search.FINDING[False]: "SELECT entity, id, title FROM crm_search(:match, :most)",
        }
    kinds = [one.name for one in schema.entities.values() if one.table in tables and search.has_veil(one)]
    if not kinds:
        return {}
    if sqlite:
        body = "(SELECT v.body FROM search_text v WHERE v.id = search_fts.rowid)"
        told = ",".join(kinds)
        return {
            search.MATCHING[True]: f"{search.MATCHING[True]} AND crm_unveiled({body}, :crm_match, '{told}')",
            search.FINDING[True]: search.FINDING[True].replace(
                ":match ", f":match AND crm_unveiled(s.body, :match, '{told}') "
            ),
        }
    chosen = f"CAST('{' | '.join(map(search.kind_word, kinds))}' AS tsquery)"
    result = {}
    for statement, name in ((search.MATCHING[False], ":crm_match"), (search.FINDING[False], ":match")):
        query = f"((crm_veiled({name}) && !!{chosen}) || (CAST({name} AS tsquery) && {chosen}))"
        result[statement] = statement.replace(f"crm_veiled({name})", query)
    return result


def unveiled(body: str, match: str, kinds: str) -> bool:
    """Whether a text in SQLite matches an expression by what everybody may find it by.

    Args:
        kinds: names of the record types with sensitive fields that are hidden, with commas between.
    """
    text, _kind, entity = body.rpartition(search.KIND)
    plain, veil, _hidden = text.partition(search.VEIL)
    if not veil or entity not in kinds.split(","):
        return True
    there = words(plain)
    return any(
        all(any(word.startswith(term) for word in there) for term in _TERM.findall(choice))
        for choice in match.split(") OR (")
    )
