"""Text search as of a moment: a scratch index of the records whose search text may have been another one then.

The index of the present is asked for the records whose text nothing touched since. Everything is made when somebody
searches for the first time, so that opening the past does not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from crm_desktop.db import search
from crm_desktop.db.past.moment import Cut
from crm_desktop.db.past.rows import Scratch, was, without
from crm_desktop.db.schema import Schema

MARK = "not_text"
"""The scratch table with the records that the index of the present is not asked for; in every statement that searches."""


def asked(schema: Schema, cut: Cut, texts: Mapping[str, str], *, all_seen: bool) -> dict[str, str]:
    """What is asked in place of the statements of ``search``.

    Args:
        texts: what this person asks in the present (``search_asked``).
        all_seen: whether every record is seen that the index finds.
    """
    matching, finding = search.MATCHING[cut.sqlite], search.FINDING[cut.sqlite]
    return {
        matching: _matching(cut, texts.get(matching, matching), schema, all_seen),
        finding: _finding(cut, texts.get(finding, finding), schema, all_seen),
    }


def _matching(cut: Cut, present: str, schema: Schema, all_seen: bool) -> str:
    if cut.sqlite:
        arms = []
        for place, text in (("main", present), ("found", present)):
            arm = text.replace("FROM search_fts", f"FROM {place}.search_fts").replace(
                "FROM search_text v", f"FROM {place}.search_text v"
            )
            arms.append(arm)
        return f"{arms[0]} AND rowid NOT IN (SELECT id FROM found.{MARK}) UNION ALL {arms[1]}"
    past = "SELECT id FROM was_text WHERE vector @@ crm_veiled(:crm_match)"
    if "crm_search_ids" in present:
        return f"{present} WHERE id NOT IN (SELECT id FROM {MARK}) UNION ALL {past}"
    return (
        f"{present.replace('FROM search_text', 'FROM public.search_text')} AND id NOT IN (SELECT id FROM {MARK}) UNION ALL "
        + present.replace("FROM search_text", "FROM was_text")
    )


def _finding(cut: Cut, present: str, schema: Schema, all_seen: bool) -> str:
    seen = "" if all_seen else f" AND {_seen(schema, 's')}"
    if cut.sqlite:
        arms = []
        for place in ("main", "found"):
            arm = present.replace("FROM search_fts f", f"FROM {place}.search_fts f")
            arm = arm.replace("JOIN search_text s", f"JOIN {place}.search_text s")
            out = f" AND f.rowid NOT IN (SELECT id FROM found.{MARK})" if place == "main" else ""
            arms.append("SELECT * FROM (" + arm.replace(" ORDER BY", f"{out}{seen} ORDER BY") + ")")
        return f"SELECT * FROM ({' UNION ALL '.join(arms)}) ORDER BY 2 DESC LIMIT :most"
    past = "SELECT entity, id, title FROM was_text s WHERE vector @@ {query}" + seen
    if "crm_search(" in present:
        first = f"{present} AS found(entity, id, title) WHERE id NOT IN (SELECT id FROM {MARK})"
        query = "crm_veiled(:match)"
    else:
        query = present.partition("@@ ")[2].removesuffix(" LIMIT :most")
        first = (
            f"SELECT entity, id, title FROM public.search_text s WHERE vector @@ {query} "
            f"AND id NOT IN (SELECT id FROM {MARK}){seen} LIMIT :most"
        )
    return f"({first}) UNION ALL ({past.format(query=query)} LIMIT :most)"


def _seen(schema: Schema, row: str) -> str:
    """The condition that a person sees the record of a search text."""
    branches = " ".join(
        f"WHEN '{one.name}' THEN EXISTS (SELECT 1 FROM \"{one.table}\" r WHERE r.id = {row}.id)"
        for one in schema.entities.values()
        if one.searchable
    )
    return f"(CASE {row}.entity {branches} END)"


def prepare(connection: sa.Connection, sqlite: bool) -> None:
    """Make the scratch index, empty."""
    run = connection.exec_driver_sql
    if sqlite:
        run(f"CREATE TABLE found.{MARK} (id INTEGER PRIMARY KEY)")
        run("CREATE TABLE found.search_text (id INTEGER PRIMARY KEY, entity TEXT, title TEXT, body TEXT)")
        run(
            "CREATE VIRTUAL TABLE found.search_fts USING fts5(body, content='search_text', content_rowid='id', "
            "detail=none, columnsize=0, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')"
        )
        return
    run(f"CREATE TEMPORARY TABLE {MARK} (id BIGINT PRIMARY KEY)")
    run("CREATE TEMPORARY TABLE was_text (id BIGINT PRIMARY KEY, entity TEXT, title TEXT, body TEXT, vector TSVECTOR)")


def take_over(connection: sa.Connection, schema: Schema, scratch: Scratch) -> None:
    """Index the records that were touched since the last time, as they were. The views of the past must be there."""
    run, sqlite = connection.exec_driver_sql, scratch.cut.sqlite
    place = "found." if sqlite else ""
    temporary = "TEMPORARY" if not sqlite else ""
    run(f"CREATE {temporary} TABLE {place}new_text (id {'INTEGER' if sqlite else 'BIGINT'} PRIMARY KEY)")
    parts = " UNION ".join(_touched(schema, scratch))
    if parts:
        new = f"id IS NOT NULL AND id NOT IN (SELECT id FROM {place}{MARK})"
        run(f"INSERT INTO {place}new_text SELECT id FROM ({parts}) AS touched WHERE {new}")
    run(f"INSERT INTO {place}{MARK} SELECT id FROM new_text")
    if not sqlite:
        run("SET LOCAL work_mem = '64MB'")
        run("ANALYZE new_text")  # of a new table nothing is known
    for entity in schema.entities.values():
        if not entity.searchable:
            continue
        texts = search.select_texts(schema, entity, sqlite, "r.id IN (SELECT id FROM new_text)")
        if sqlite:
            run(f"INSERT INTO found.search_text(id, entity, title, body) {texts}")
        else:
            run(
                "INSERT INTO was_text(id, entity, title, body, vector) "
                f"SELECT t.*, crm_vector(t.body) FROM ({texts}) AS t(id, entity, title, body)"
            )
    if sqlite:
        run(
            "INSERT INTO found.search_fts(rowid, body) SELECT id, body FROM found.search_text WHERE id IN "
            "(SELECT id FROM new_text)"
        )
    else:
        run(
            "CREATE INDEX IF NOT EXISTS was_text_vector ON was_text USING gin (vector)"
        )  # at once: faster than row by row
    run(f"DROP TABLE {place}new_text")


def _touched(schema: Schema, scratch: Scratch) -> Iterator[str]:
    """Statements that give the ids of the records whose text may be another one now."""
    here, equal = scratch.cut.place, "IS" if scratch.cut.sqlite else "IS NOT DISTINCT FROM"
    for entity in schema.entities.values():
        if not entity.searchable:
            continue
        if entity.table in scratch.tables:
            yield f'SELECT id FROM "{without(entity.table)}"'
        for child in entity.children:
            if child.search_columns and child.table in scratch.tables:
                parent, gone = child.parent_column, without(child.table)
                yield f'SELECT w."{parent}" AS id FROM "{was(child.table)}" w JOIN "{gone}" n ON n.id = w.id'
                yield f'SELECT c."{parent}" AS id FROM "{here}"."{child.table}" c JOIN "{gone}" n ON n.id = c.id'
        for column, target in search.linked(schema, entity):
            if target.table in scratch.tables:
                title = target.title_field
                yield (
                    f'SELECT r.id FROM "{entity.table}" r WHERE r."{column}" IN (SELECT w.id FROM "{was(target.table)}" w '
                    f'JOIN "{without(target.table)}" n ON n.id = w.id LEFT JOIN "{here}"."{target.table}" t ON t.id = w.id '
                    f'WHERE NOT (w."{title}" {equal} t."{title}"))'
                )
