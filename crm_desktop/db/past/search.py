"""Text search as of a moment: a scratch index of the records whose search text may have been another one then.

The index of the present is asked for the records whose text nothing touched since. The scratch index is made portion by
portion once the past is open; who searches before that makes the rest. On a server it is no index but the words of each
text, without their beginnings, which are looked through: making what an index needs would take ten times as long.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.db import search
from crm_desktop.db.base import Base
from crm_desktop.db.past.moment import Cut
from crm_desktop.db.past.scratch import Scratch, was, without
from crm_desktop.db.schema import Schema

PORTION = {True: 20_000, False: 4_000}
"""How many texts are written at a time, by engine (SQLite: true); on a server everybody waits meanwhile."""
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
        matching: _matching(cut, texts.get(matching, matching)),
        finding: _finding(cut, texts.get(finding, finding), schema, all_seen),
    }


def _matching(cut: Cut, present: str) -> str:
    if cut.sqlite:
        arms = []
        for place, text in (("main", present), ("found", present)):
            arm = text.replace("FROM search_fts", f"FROM {place}.search_fts").replace(
                "FROM search_text v", f"FROM {place}.search_text v"
            )
            arms.append(arm)
        return f"{arms[0]} AND rowid NOT IN (SELECT id FROM found.{MARK}) UNION ALL {arms[1]}"
    past = "SELECT id FROM was_text WHERE vector @@ "
    if "crm_search_ids" in present:
        found = f"{present} WHERE id NOT IN (SELECT id FROM {MARK})"
        return f"{found} UNION ALL {past}{_plain('crm_veiled(:crm_match)')}"
    found = present.replace("FROM search_text", "FROM public.search_text")
    return f"{found} AND id NOT IN (SELECT id FROM {MARK}) UNION ALL {past}{_plain(present.partition('@@ ')[2])}"


def _plain(query: str) -> str:
    """A query for vectors of words alone: the beginning of a word is no lexeme of its own there."""
    lexeme, begins = rf"'''({search.VEIL}?)\^([^'']*)'''", r"'''\1\2'':*'"
    return f"(SELECT CAST(regexp_replace(CAST({query} AS text), {lexeme}, {begins}, 'g') AS tsquery))"


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
    return f"({first}) UNION ALL ({past.format(query=_plain(query))} LIMIT :most)"


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
        run("CREATE TABLE found.new_text (id INTEGER, entity TEXT)")
        run("CREATE TABLE found.search_text (id INTEGER PRIMARY KEY, entity TEXT, title TEXT, body TEXT)")
        run(
            "CREATE VIRTUAL TABLE found.search_fts USING fts5(body, content='search_text', content_rowid='id', "
            "detail=none, columnsize=0, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')"
        )
        return
    run(f"CREATE TEMPORARY TABLE {MARK} (id BIGINT PRIMARY KEY)")
    run("CREATE TEMPORARY TABLE new_text (id BIGINT, entity TEXT)")
    run("CREATE TEMPORARY TABLE was_text (id BIGINT PRIMARY KEY, entity TEXT, title TEXT, vector TSVECTOR)")


def collect(connection: sa.Connection, schema: Schema, scratch: Scratch) -> None:
    """Note the records whose text may have been another one: the index of the present is not asked for them any more."""
    run, sqlite = connection.exec_driver_sql, scratch.cut.sqlite
    place = "found." if sqlite else ""
    parts = " UNION ".join(_touched(schema, scratch))
    if not parts:
        return
    known = f"SELECT id FROM {place}{MARK}"
    run(
        f"INSERT INTO {place}new_text SELECT id, entity FROM ({parts}) AS touched "
        f"WHERE id IS NOT NULL AND id NOT IN ({known})"
    )
    run(f"INSERT INTO {place}{MARK} SELECT DISTINCT id FROM {place}new_text WHERE id NOT IN ({known})")
    run(f"CREATE INDEX IF NOT EXISTS {place}new_text_id ON new_text (id)")
    if not sqlite:
        run("ANALYZE new_text")  # of a new table nothing is known


def write_portion(connection: sa.Connection, schema: Schema, scratch: Scratch) -> bool:
    """Write the texts of some of the records that were noted, as they were. The views of the past must be there.

    Returns:
        Whether there may be more.
    """
    run, sqlite = connection.exec_driver_sql, scratch.cut.sqlite
    place = "found." if sqlite else ""
    portion = f"SELECT id FROM {place}new_text ORDER BY id LIMIT {PORTION[sqlite]}"
    last = run(f"SELECT max(id) FROM ({portion}) AS portion").scalar()
    if last is None:
        return False
    chosen = f"FROM {place}new_text WHERE id <= {last}"
    sources = {one: _two_parts(one) for one in scratch.partly} if sqlite else {}
    for name in run(f"SELECT DISTINCT entity {chosen}").scalars().all():
        ids = f"r.id IN (SELECT id {chosen} AND entity = '{name}')"
        texts = search.select_texts(schema, schema.entities[name], sqlite, ids, sources)
        if sqlite:
            run(f"INSERT INTO found.search_text(id, entity, title, body) {texts}")
        else:
            run(f"INSERT INTO was_text(id, entity, title, vector) {_vectors(texts)}")
    if sqlite:
        written = f"SELECT id, body FROM found.search_text WHERE id IN (SELECT id {chosen})"
        run(f"INSERT INTO found.search_fts(rowid, body) {written}")
    run(f"DELETE {chosen}")
    return True


def _two_parts(table: str) -> str:
    """A child table that was taken over in part, for one parent: SQLite would read all of a view to sum up some of it."""
    columns = ", ".join(f'"{column.name}"' for column in Base.metadata.tables[table].columns)
    mine = 'WHERE "{parent}" = r.id'
    left = f'SELECT {columns} FROM main."{table}" {mine} AND id NOT IN (SELECT id FROM "{without(table)}")'
    return f'({left} UNION ALL SELECT {columns} FROM "{was(table)}" {mine})'


def _vectors(texts: str) -> str:
    """The words of texts: those that ``crm_vector`` finds, taken from all of a text at once."""
    halves = (
        f"SELECT t.id, t.entity, t.title, split_part(t.body, '{search.KIND}', 1) AS body, "
        f"'{search.KIND}' || split_part(t.body, '{search.KIND}', -1) AS rest FROM ({texts}) AS t(id, entity, title, body)"
    )
    plain, veiled = (_folded(f"split_part(h.body, '{search.VEIL}', {part})") for part in (1, 2))
    words = (
        f"regexp_replace({plain}, '{search.SEPARATORS}', ' ', 'g')",
        f"'{search.VEIL}' || regexp_replace({veiled}, '{search.SEPARATORS}', ' {search.VEIL}', 'g')",
        "h.rest",
    )
    split = f"string_to_array({' || chr(32) || '.join(words)}, ' ')"
    filled = f"array_remove(array_remove({split}, ''), '{search.VEIL}')"
    return f"SELECT h.id, h.entity, h.title, array_to_tsvector({filled}) FROM ({halves}) AS h"


def _folded(text: str) -> str:
    """A text as ``crm_vector`` folds it; where it has no accents that is quickly done."""
    return f"CASE WHEN octet_length({text}) = length({text}) THEN lower({text}) ELSE crm_fold({text}) END"


def _touched(schema: Schema, scratch: Scratch) -> Iterator[str]:
    """Statements that give (id, record type) of the records whose text may be another one now."""
    here, sqlite = scratch.cut.place, scratch.cut.sqlite
    other = "IS NOT" if sqlite else "IS DISTINCT FROM"
    join = "CROSS JOIN" if sqlite else "JOIN"  # from the few to the many
    for entity in schema.entities.values():
        if not entity.searchable:
            continue
        kind = f"'{entity.name}' AS entity"
        if entity.table in scratch.tables:
            columns = _text_columns(schema, entity, sqlite) - scratch.hidden.get(entity.table, frozenset())
            differ = "".join(f' OR w."{column}" {other} t."{column}"' for column in sorted(columns))
            yield (
                f'SELECT n.id, {kind} FROM "{without(entity.table)}" n LEFT JOIN "{was(entity.table)}" w ON w.id = n.id '
                f'LEFT JOIN "{here}"."{entity.table}" t ON t.id = n.id WHERE w.id IS NULL OR t.id IS NULL{differ}'
            )
        for child in entity.children:
            if child.search_columns and child.table in scratch.tables:
                parent, gone = child.parent_column, without(child.table)
                for place in (f'"{was(child.table)}"', f'"{here}"."{child.table}"'):
                    yield f'SELECT c."{parent}" AS id, {kind} FROM "{gone}" n {join} {place} c ON c.id = n.id'
        for column, target in search.linked(schema, entity):
            if target.table in scratch.tables:
                title = target.title_field
                yield (
                    f'SELECT r.id, {kind} FROM "{entity.table}" r WHERE r."{column}" IN (SELECT w.id '
                    f'FROM "{was(target.table)}" w JOIN "{without(target.table)}" n ON n.id = w.id '
                    f'LEFT JOIN "{here}"."{target.table}" t ON t.id = w.id WHERE w."{title}" {other} t."{title}")'
                )


def _text_columns(schema: Schema, entity: Entity, sqlite: bool) -> set[str]:
    """The columns of a record's own row that its search text is made of."""
    return {
        name.strip('"')
        for _trigger, table, watched, _ids, names in search.watched(schema, sqlite)
        if watched is entity and table == entity.table
        for name in names.split(",")
    }
