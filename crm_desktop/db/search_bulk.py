"""The search index of bulk change sets: new records are indexed as they come, whatever else was touched at the end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.core.text import strip_marks
from crm_desktop.db import search, search_server
from crm_desktop.db.database import Database
from crm_desktop.db.journal import changes_of
from crm_desktop.db.rows import insert_packed, pack_plain
from crm_desktop.db.schema import Schema
from crm_desktop.db.sight import is_locked

_INSERT = "INSERT INTO search_text(id, entity, title, body) "
_WORD = re.compile("[a-z0-9]+")
_REST = re.compile(f"[a-z0-9]+(?: {search.OWN}[a-z0-9]+)*")
_LONGEST = 500


def vector_of(body: str) -> str | None:
    """The vector of a text as ``crm_vector`` makes it, for PostgreSQL to read; None where the server has to make it.

    Only what is plain letters and digits once the accents are gone: the rest is a matter of the server's own tables.
    """
    text, kind, rest = body.rpartition(search.KIND)
    if not kind or not _REST.fullmatch(rest):
        return None
    plain, _veil, veiled = text.partition(search.VEIL)
    lexemes = []
    for part, veil in ((plain, ""), (veiled, search.VEIL)):
        found = _words_of(part)
        if found is None:
            return None
        lexemes += [_lexemes(word, veil) for word in found]
    return "".join(lexemes) + f"'{kind}" + "' '".join(rest.split()) + "'"


def _words_of(text: str) -> list[str] | None:
    """The words of a part of a text; None where the server has to find them."""
    if not text.isascii():
        text = strip_marks(text)
        if not text.isascii():
            return None
    words = _WORD.findall(text.lower())
    if len(text) > _LONGEST and (len(text) > _LONGEST * 100 or max(map(len, words), default=0) > _LONGEST):
        return None
    return words


@lru_cache(maxsize=20_000)
def _lexemes(word: str, veil: str) -> str:
    """A word and what ``crm_vector`` adds: its beginnings after a caret; those of sensitive fields behind a veil."""
    return f"'{veil}{word}' '{veil}^{word[:1]}' '{veil}^{word[:2]}' '{veil}^{word[:3]}' "


def tidy_soon(database: Database) -> None:
    """Let PostgreSQL sort what a large change set put before its index, while people work on.

    Nobody waits for it: until it is done a search also reads what is not sorted yet.
    """
    database.run_beside("SELECT crm_tidy_search()")


class Indexed:
    """What of a bulk change set is in the index already: records that were indexed when they were inserted.

    The history rows of such records, one after the other, need not be looked through at the end.
    """

    def __init__(self) -> None:
        self._ranges: list[list[int]] = []
        self._merges = self._large = False
        self.count = 0

    @contextmanager
    def around(
        self, connection: sa.Connection, schema: Schema, entity: Entity, ids: Sequence[int], wanted: bool
    ) -> Iterator[None]:
        """Insert new records with these ids, and nothing else, inside the block; they are indexed at its end."""
        if not wanted:
            yield
            return
        before = _newest_change(connection)
        yield
        if entity.searchable:
            self._index(connection, schema, entity, ids)
        after = _newest_change(connection)
        if self._ranges and self._ranges[-1][1] == before:
            self._ranges[-1][1] = after
        else:
            self._ranges.append([before, after])

    def _index(self, connection: sa.Connection, schema: Schema, entity: Entity, ids: Sequence[int]) -> None:
        run = connection.exec_driver_sql
        self.count += len(ids)
        if connection.dialect.name != "sqlite":
            self._index_in_postgres(connection, schema, entity, ids)
            return
        if not self._merges:  # once at the end, and not after every few thousand rows
            self._merges = True
            run("INSERT INTO search_fts(search_fts, rank) VALUES ('automerge', 0)")
            run("INSERT INTO search_fts(search_fts, rank) VALUES ('crisismerge', 400)")
        given = json.dumps(ids)
        chosen = "IN (SELECT value FROM json_each(?))"
        run(_INSERT + search.select_texts(schema, entity, True, f"r.id {chosen}"), (given,))
        run(f"INSERT INTO search_fts(rowid, body) SELECT id, body FROM search_text WHERE id {chosen}", (given,))

    def _index_in_postgres(self, connection: sa.Connection, schema: Schema, entity: Entity, ids: Sequence[int]) -> None:
        run = connection.exec_driver_sql
        if not self._large:  # the index takes large portions at once instead of a little after every few rows
            self._large = True
            run("SELECT set_config('gin_pending_list_limit', '262144', true), set_config('work_mem', '65536', true)")
        rows = run(search.select_texts(schema, entity, False, "r.id = ANY(%s)"), (list(ids),)).all()
        texts = [*zip(*rows, strict=True)] if rows else [(), (), (), ()]
        columns = (*texts, [vector_of(body) for body in texts[3]])
        insert_packed(connection, pack_plain("search_text", ("id", "entity", "title", "body", "vector"), columns))

    def elsewhere(self) -> str:
        """SQL: a change is in none of the ranges."""
        if not self._ranges:
            return ""
        gaps = [f"id <= {self._ranges[0][0]}", f"id > {self._ranges[-1][1]}"]
        for (_before, after), (following, _after) in pairwise(self._ranges):
            gaps.append(f"(id > {after} AND id <= {following})")
        return f" AND ({' OR '.join(gaps)})"

    def close(self, connection: sa.Connection) -> None:
        """Merge what many batches wrote."""
        if self._merges:
            run = connection.exec_driver_sql
            run("INSERT INTO search_fts(search_fts, rank) VALUES ('merge', 1000000)")
            run("INSERT INTO search_fts(search_fts, rank) VALUES ('automerge', 4)")
            run("INSERT INTO search_fts(search_fts, rank) VALUES ('crisismerge', 16)")


def _newest_change(connection: sa.Connection) -> int:
    return int(connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM change").scalar_one())


def index_change_set(
    connection: sa.Connection, schema: Schema, change_set_id: int, indexed: Indexed | None = None
) -> None:
    """Index the records that a bulk change set touched; called at its end, in its transaction.

    Args:
        indexed: what is in the index already.
    """
    if is_locked(connection):
        found = search_server.index_change_set(connection, change_set_id)
        if indexed is not None:
            indexed.count += found
        return
    sqlite = connection.dialect.name == "sqlite"
    tables: dict[str, dict[str, str]] = {}
    for _name, table, entity, _ids, update in search.watched(schema, sqlite):
        tables.setdefault(entity.name, {})[table] = update
    chosen = str(changes_of(connection, change_set_id).compile(compile_kwargs={"literal_binds": True}))
    if indexed is not None:
        indexed.close(connection)
        chosen += indexed.elsewhere()
    touched = set(connection.exec_driver_sql(f"SELECT DISTINCT table_name FROM change WHERE {chosen}").scalars())
    for entity_name, watched in tables.items():
        entity = schema.entities[entity_name]
        if not touched.intersection(watched):
            continue
        _index_entity(connection, schema, entity, watched, chosen, sqlite)


def _index_entity(
    connection: sa.Connection, schema: Schema, entity: Entity, watched: Mapping[str, str], chosen: str, sqlite: bool
) -> None:
    run = connection.exec_driver_sql
    run("DROP TABLE IF EXISTS crm_touched")
    run("CREATE TEMPORARY TABLE crm_touched (id bigint PRIMARY KEY)")
    for table, update in watched.items():  # a record may be there several times
        column = "record_id" if table == entity.table else "parent_id"
        names = update.replace('"', "'")  # an edit of other columns leaves the text as it is
        told = f"EXISTS (SELECT 1 FROM json_each(data) WHERE key IN ({names}))" if sqlite else f"data ?| ARRAY[{names}]"
        run(
            f"INSERT INTO crm_touched SELECT {column} FROM change WHERE {chosen} AND table_name = '{table}' "
            f"AND (op <> 'U' OR {told}) ON CONFLICT DO NOTHING"
        )
    if run("SELECT 1 FROM crm_touched LIMIT 1").first() is None:
        run("DROP TABLE crm_touched")
        return
    if not sqlite:
        # what came in this transaction is not in the statistics yet, and a plan for few rows takes minutes
        for table in ("crm_touched", *watched):
            run(f'ANALYZE "{table}"')
    ids = "(SELECT id FROM crm_touched)"
    statements = search.reindex(schema, entity, sqlite, ids)
    known = connection.exec_driver_sql(
        f"SELECT 1 FROM search_text WHERE id IN {ids} LIMIT 1"
    ).first()  # only new records: nothing to take out of the index first
    for statement in (
        statements if known else [s for s in statements if not s.startswith("DELETE") and "'delete'" not in s]
    ):
        run(statement)
    run("DROP TABLE crm_touched")
