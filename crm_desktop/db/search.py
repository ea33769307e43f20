"""Search: one text per record, indexed by the database itself on both engines.

SQLite: FTS5 with ``unicode61 remove_diacritics 2``. PostgreSQL: a ``tsvector`` with a GIN index over the text folded by
an immutable SQL function. Row triggers serve single saves; a bulk change set indexes its own rows (``search_bulk``),
inside the same transaction.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.sql.selectable import TextualSelect

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Kind
from crm_desktop.core.text import digits, fold, words
from crm_desktop.db import triggers
from crm_desktop.db.base import Base
from crm_desktop.db.schema import Schema
from crm_desktop.db.sight import is_locked

_RANKED, _RANKED_SEEN = 300, 100
"""How many hits are read before ranking, as ranking every hit of a common word would take a hundred times longer; fewer
where only some of the records are seen, since more are looked at to find them."""
_BY_TITLE = 40
"""How many records of each type are looked up by the beginning of their title."""
_PROTOCOL = 4
"""Numbers of protocols and documents have parts at least this long."""
_LEAST_DOCUMENT = 8
_DOCUMENT = re.compile(r"(?=(?:\D*\d){4})[0-9a-z]{8,20}\Z")
"""A number of a document with letters in it: eight signs at least, four digits among them."""
_SHORT = 3
"""Beginnings of up to so many letters are indexed as they are: a common one is found like a rare one."""
KIND = "\ue000"
"""Before a record type's name in the search text: a letter that nobody types, so that a type is found like a word."""
OWN = "\ue001"
"""Before whom a record belongs to: "o7" the user 7, "n" nobody, "c7" nobody and the user 7 made it. PostgreSQL only, where
the search of a person who sees part of the records is narrowed by such words (``search_rights``)."""
VEIL = "\ue002"
"""Between the words that everybody may find a record by and those of its sensitive fields."""


@dataclass(frozen=True)
class Hit:
    """A record that a search found."""

    entity: str
    id: int
    title: str


def linked(schema: Schema, entity: Entity) -> Iterator[tuple[str, Entity]]:
    """(column, linked entity) of the links whose title belongs to this record's search text."""
    for field in entity.fields:
        if field.searchable and field.kind is Kind.LINK and field.target in schema.entities:
            yield field.name, schema.entities[field.target]


def _body(schema: Schema, entity: Entity, sqlite: bool, sources: Mapping[str, str]) -> str:
    """SQL of a record's search text, over alias ``r``: first what everybody may find it by, after a veil the rest."""
    fields = [
        field for field in entity.fields
        if field.searchable and not field.computed and not field.child and field.kind is not Kind.LINK
    ]  # fmt: skip
    parts = [f'r."{field.name}"' for field in fields if not field.sensitive]
    veiled = [f'r."{field.name}"' for field in fields if field.sensitive]
    for column, target in linked(schema, entity):
        parts.append(f'(SELECT t."{target.title_field}" FROM "{target.table}" t WHERE t.id = r."{column}")')
    for child in entity.children:
        if child.search_columns:
            inner = " || ' ' || ".join(f"coalesce(c.\"{column}\", '')" for column in child.search_columns)
            aggregate = f"group_concat({inner}, ' ')" if sqlite else f"string_agg({inner}, ' ' ORDER BY c.id)"
            source = sources.get(child.table, f'"{child.table}"').format(parent=child.parent_column)
            one = f'(SELECT {aggregate} FROM {source} c WHERE c."{child.parent_column}" = r.id)'
            (veiled if Base.metadata.tables[child.table].info.get("sensitive") else parts).append(one)
    if veiled:
        parts += [f"'{VEIL}'", *veiled]
    if sqlite:
        return " || ' ' || ".join(f"coalesce({part}, '')" for part in parts)
    return f"concat_ws(' ', {', '.join(parts)})"


def has_veil(entity: Entity) -> bool:
    """Whether a record type's search text has words that not everybody may find it by."""
    tables = Base.metadata.tables
    return any(one.sensitive and one.searchable for one in entity.fields) or any(
        child.search_columns and tables[child.table].info.get("sensitive") for child in entity.children
    )


def _owner_words(entity: Entity) -> str:
    """SQL of the words that tell whom a record belongs to; see ``core.access`` for what "own" and "team" mean."""
    if "owner_id" not in entity.stored:
        return f" || coalesce(' {OWN}o' || r.created_by, ' {OWN}n')" if "created_by" in entity.stored else ""
    nobody = f"' {OWN}n' || coalesce(' {OWN}c' || r.created_by, '')"
    return f" || coalesce(' {OWN}o' || r.owner_id, {nobody})"


def kind_word(entity: str) -> str:
    """The word that stands in the text of every record of a type."""
    return KIND + entity.replace("_", "")


def select_texts(
    schema: Schema, entity: Entity, sqlite: bool, where: str, sources: Mapping[str, str] | None = None
) -> str:
    """A statement that gives (id, record type, title, search text) of records.

    Args:
        where: the condition of the records ``r``.
        sources: child table to what is read in its place, with the parent's column as ``{parent}``.
    """
    title = f"coalesce(r.\"{entity.title_field}\", '')"
    body = f"{_body(schema, entity, sqlite, sources or {})} || ' {kind_word(entity.name)}'"
    if not sqlite:
        body += _owner_words(entity)
    return f"SELECT r.id, '{entity.name}', {title}, {body} FROM \"{entity.table}\" r WHERE {where}"


def reindex(schema: Schema, entity: Entity, sqlite: bool, ids: str) -> list[str]:
    """Statements that index anew the records whose id is in ``ids`` (SQL in brackets). Those gone are removed.

    The record type is part of every condition: a child table may serve several record types, and each one's
    trigger is called with the ids of all of them.
    """
    chosen = f"id IN {ids} AND entity = '{entity.name}'"
    insert = "INSERT INTO search_text(id, entity, title, body) " + select_texts(
        schema, entity, sqlite, f"r.id IN {ids}"
    )
    if not sqlite:
        return [f"DELETE FROM search_text WHERE {chosen}", insert]
    return [
        f"INSERT INTO search_fts(search_fts, rowid, body) SELECT 'delete', id, body FROM search_text WHERE {chosen}",
        f"DELETE FROM search_text WHERE {chosen}",
        insert,
        f"INSERT INTO search_fts(rowid, body) SELECT id, body FROM search_text WHERE {chosen}",
    ]


def watched(schema: Schema, sqlite: bool) -> Iterator[tuple[str, str, Entity, str, str]]:
    """(trigger name, table, entity to index, SQL of its ids with {row}, columns whose update matters)."""
    for entity in schema.entities.values():
        if not entity.searchable:
            continue
        columns = {f.name for f in entity.fields if f.searchable and not f.computed and not f.child}
        columns.add(entity.title_field)
        if not sqlite and "owner_id" in entity.stored:
            columns.add("owner_id")
        yield f"search_{entity.name}", entity.table, entity, "{row}.id", ",".join(f'"{c}"' for c in sorted(columns))
        for child in entity.children:
            if child.search_columns:
                update = ",".join(f'"{c}"' for c in (*child.search_columns, child.parent_column))
                yield (f"search_{entity.name}_{child.name}", child.table, entity,
                       f'{{row}}."{child.parent_column}"', update)  # fmt: skip


def _dependents(schema: Schema) -> Iterator[tuple[str, str, str, Entity, str]]:
    """(trigger name, table, title column, entity to index, link column) for titles that others' texts contain."""
    for entity in schema.entities.values():
        if entity.searchable:
            for column, target in linked(schema, entity):
                yield f"search_{entity.name}_via_{column}", target.table, target.title_field, entity, column


def sqlite_triggers(schema: Schema) -> list[str]:
    """Row triggers that keep the index right outside of bulk change sets."""
    result = []
    quiet = "(SELECT bulk FROM change_context) IS NOT 1"
    for name, table, entity, ids, update in watched(schema, True):
        for event, row in (("INSERT", "NEW"), (f"UPDATE OF {update}", "NEW"), ("DELETE", "OLD")):
            body = "; ".join(reindex(schema, entity, True, f"({ids.format(row=row)})"))
            suffix = event.split()[0].lower()
            result.append(f'CREATE TRIGGER "{name}_{suffix}" AFTER {event} ON "{table}" WHEN {quiet} BEGIN {body}; END')
    for name, table, title, entity, column in _dependents(schema):
        body = "; ".join(reindex(schema, entity, True, f'(SELECT id FROM "{entity.table}" WHERE "{column}" = NEW.id)'))
        result.append(
            f'CREATE TRIGGER "{name}" AFTER UPDATE OF "{title}" ON "{table}" '
            f'WHEN OLD."{title}" IS NOT NEW."{title}" BEGIN {body}; END'
        )
    return result


def postgres_triggers(schema: Schema) -> list[str]:
    """Statement triggers that keep the index right outside of bulk change sets, and what makes a text's vector.

    Whoever inserts many texts may bring their vectors along.
    """
    result = [
        'CREATE OR REPLACE FUNCTION "search_text_vector"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN '
        "IF NEW.vector IS NULL OR TG_OP = 'UPDATE' THEN NEW.vector := crm_vector(NEW.body); END IF; RETURN NEW; END $$",
        'CREATE TRIGGER "search_text_vector" BEFORE INSERT OR UPDATE OF body ON "search_text" '
        'FOR EACH ROW EXECUTE FUNCTION "search_text_vector"()',
    ]
    for name, table, entity, ids, _update in watched(schema, False):
        for event, rows in (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD")):
            chosen = f"(SELECT {ids.format(row='x')} FROM changed_rows x)"
            body = "; ".join(reindex(schema, entity, False, chosen))
            result += _postgres_trigger(f"{name}_{event}", table, event, f"{rows} TABLE AS changed_rows", body)
    for name, table, title, entity, column in _dependents(schema):
        ids = (
            f'(SELECT e.id FROM "{entity.table}" e JOIN new_rows n ON e."{column}" = n.id '
            f'JOIN old_rows o ON o.id = n.id WHERE o."{title}" IS DISTINCT FROM n."{title}")'
        )
        body = "; ".join(reindex(schema, entity, False, ids))
        result += _postgres_trigger(
            name, table, "update", "OLD TABLE AS old_rows NEW TABLE AS new_rows", body, always=True
        )
    return result


def _postgres_trigger(name: str, table: str, event: str, tables: str, body: str, always: bool = False) -> list[str]:
    guard = "" if always else "IF current_setting('crm.bulk', true) = '1' THEN RETURN NULL; END IF; "
    return [
        f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER '
        f"SET search_path = public, pg_temp AS $$ BEGIN {guard}{body}; RETURN NULL; END $$",
        f'CREATE TRIGGER "{name}" AFTER {event.upper()} ON "{table}" REFERENCING {tables} '
        f'FOR EACH STATEMENT EXECUTE FUNCTION "{name}"()',
    ]


# General punctuation and everything of Latin-1 that is neither letter nor digit, as the FTS5 tokenizer splits.
SEPARATORS = (
    r"[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7"
    r"\u00f7\u2000-\u206f\u20a0-\u20cf\u3000]+"
)
_POSTGRES_FOLD = r"""
CREATE OR REPLACE FUNCTION crm_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT lower(regexp_replace(normalize(value, NFKD), '[\u0300-\u036f]', '', 'g')) $$
"""
_SPLIT = (
    r"array_remove(regexp_split_to_array(lower(regexp_replace(normalize({text}, NFKD), '[\u0300-\u036f]', '', 'g')), "
    rf"'{SEPARATORS}'), '')"
)
_POSTGRES_VECTOR = rf"""
CREATE OR REPLACE FUNCTION crm_vector(value text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT array_to_tsvector(w
     || ARRAY(SELECT '^' || left(x, n) FROM unnest(w) x, generate_series(1, {_SHORT}) n
              WHERE left(x, 1) NOT IN ('{KIND}', '{OWN}'))
     || ARRAY(SELECT '{VEIL}' || x FROM unnest(v) x)
     || ARRAY(SELECT '{VEIL}^' || left(x, n) FROM unnest(v) x, generate_series(1, {_SHORT}) n))
   FROM (SELECT {_SPLIT.format(text=f"split_part(text, '{VEIL}', 1) || ' ' || rest")} AS w,
           CASE WHEN strpos(text, '{VEIL}') = 0 THEN ARRAY[]::text[]
             ELSE {_SPLIT.format(text=f"substr(text, strpos(text, '{VEIL}') + 1)")} END AS v
         FROM (SELECT left(value, length(value) - length(rest)) AS text, rest FROM (SELECT
           CASE WHEN strpos(value, '{KIND}') = 0 THEN '' ELSE '{KIND}' || split_part(value, '{KIND}', -1) END AS rest
         ) AS parted) AS halves) AS split $$
"""
"""The words, and after a caret their first letters: a prefix search reads every hit before it gives the first. Those of
sensitive fields stand behind a veil, so that they are found only by who asks for them."""
_POSTGRES_VEILED = rf"""
CREATE OR REPLACE FUNCTION crm_veiled(match text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT regexp_replace(match, '''([^''{KIND}{OWN}{VEIL}][^'']*)''(:\*)?',
     '(''\1''\2 | ''{VEIL}\1''\2)', 'g')::tsquery $$
"""
"""A query in which every word may also be one of a sensitive field."""


_POSTGRES_TIDY = """
CREATE OR REPLACE FUNCTION crm_tidy_search() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
  IF pg_try_advisory_xact_lock(7230411907) THEN PERFORM gin_clean_pending_list('ix_search_text_vector'); END IF;
END $$
"""


def install(connection: sa.Connection, schema: Schema) -> None:
    """Make the index where it is missing, and drop and create its triggers."""
    triggers.drop(connection, "search_")
    run = connection.exec_driver_sql
    if connection.dialect.name == "sqlite":
        run(
            "CREATE VIRTUAL TABLE IF NOT EXISTS search_fts USING fts5(body, content='search_text', "
            "content_rowid='id', detail=none, columnsize=0, tokenize='unicode61 remove_diacritics 2', "
            "prefix='1 2 3')"
        )
        # bytes of terms kept in memory before a segment is written; the default of 1 MB makes an import merge all day
        run("INSERT INTO search_fts(search_fts, rank) VALUES ('hashsize', 8388608)")
        statements = sqlite_triggers(schema)
    else:
        run(_POSTGRES_FOLD)
        run(_POSTGRES_VECTOR)
        run(_POSTGRES_VEILED)
        run(_POSTGRES_TIDY)
        run("ALTER TABLE search_text ADD COLUMN IF NOT EXISTS vector tsvector")
        run("ALTER TABLE search_text ALTER COLUMN vector DROP EXPRESSION IF EXISTS")
        run("CREATE INDEX IF NOT EXISTS ix_search_text_vector ON search_text USING gin (vector)")
        statements = postgres_triggers(schema)
    for statement in statements:
        run(statement)


def rebuild(connection: sa.Connection, schema: Schema) -> None:
    """Index every record anew."""
    sqlite = connection.dialect.name == "sqlite"
    run = connection.exec_driver_sql
    if sqlite:
        run("DELETE FROM search_text")
        for entity in schema.entities.values():
            if entity.searchable:
                run("INSERT INTO search_text(id, entity, title, body) " + select_texts(schema, entity, True, "1"))
        run("INSERT INTO search_fts(search_fts) VALUES ('rebuild')")
        return
    run("TRUNCATE search_text")
    run("DROP INDEX IF EXISTS ix_search_text_vector")
    for entity in schema.entities.values():
        if entity.searchable:
            texts = select_texts(schema, entity, False, "true")
            # with their vectors: while a whole database is copied, the trigger that makes them is not there
            run(
                "INSERT INTO search_text(id, entity, title, body, vector) "
                f"SELECT t.*, crm_vector(t.body) FROM ({texts}) AS t(id, entity, title, body)"
            )
    run("CREATE INDEX ix_search_text_vector ON search_text USING gin (vector)")


def index_records(connection: sa.Connection, schema: Schema, ids: Collection[int]) -> None:
    """Index records anew whose child rows went to another record: the triggers see only where they are now."""
    sqlite = connection.dialect.name == "sqlite"
    chosen = sorted(ids)
    if is_locked(connection):
        if chosen:
            connection.execute(sa.text("SELECT crm_index_records(:ids)"), {"ids": chosen})
        return
    for start in range(0, len(chosen), 500):
        part = ",".join(str(int(one)) for one in chosen[start : start + 500])
        for entity in schema.entities.values():
            if entity.searchable and entity.listed:
                for statement in reindex(schema, entity, sqlite, f"({part})"):
                    connection.exec_driver_sql(statement)


def query_words(text: str) -> list[str]:
    """The words to look for: folded; a text of digits and phone punctuation is one run of digits."""
    number = digits(text)
    if len(number) >= 4 and not any(c.isalpha() for c in text):
        return [number.lstrip("0") or number]
    return words(text)[:8]


def number_words(text: str) -> list[str]:
    """The words of a number that may be a protocol ("2026-000417") and not a phone; none where it cannot be one.

    A document's number with letters or with a zero in front is one word, whatever marks stand in it: "12.ABC.345/01DE-35".
    """
    found = words(text)
    whole = "".join(found)
    if any(c.isalpha() for c in whole):
        return [whole] if len(found) > 1 and _DOCUMENT.match(whole) else []
    if whole.startswith("0") and len(whole) >= _LEAST_DOCUMENT:
        return [whole]
    long = all(len(word) >= _PROTOCOL for word in found)
    return found if long and found != query_words(text) and all(word.isdigit() for word in found) else []


def match_expression(
    terms: Sequence[str], sqlite: bool, entities: Sequence[str] = (), others: Sequence[str] = ()
) -> str:
    """The engine's own query for: every word, as a prefix, in records of these types (all where none is named).

    Args:
        others: words that may stand there instead of ``terms``.
    """
    if others:
        both = [match_expression(one, sqlite, entities) for one in (terms, others)]
        return (" OR " if sqlite else " | ").join(f"({one})" for one in both)
    if sqlite:
        parts = [f'"{term}"*' for term in terms]
        kinds = [f'"{kind_word(name)}"' for name in entities]
        joined, either = " AND ", " OR "
    else:
        parts = [f"'^{term}'" if len(term) <= _SHORT else f"'{term}':*" for term in terms]
        kinds = [f"'{kind_word(name)}'" for name in entities]
        joined, either = " & ", " | "
    if kinds:
        parts.append(f"({either.join(kinds)})")
    return joined.join(parts)


def ids_matching(text: str, sqlite: bool) -> TextualSelect | None:
    """A subquery of the ids of the records that match a search text; None where the text has no words."""
    terms = query_words(text)
    if not terms:
        return None
    return ids_matched(sqlite, match_expression(terms, sqlite, others=number_words(text)))


def ids_matched(sqlite: bool, expression: str | None = None) -> TextualSelect:
    """A subquery of the ids that match an expression, or the one that the statement is given as ``crm_match``."""
    statement, name = sa.text(MATCHING[sqlite]), "rowid" if sqlite else "id"
    if expression is not None:
        statement = statement.bindparams(crm_match=expression)
    return statement.columns(sa.column(name, sa.BigInteger))


MATCHING = {
    True: "SELECT rowid FROM search_fts WHERE search_fts MATCH :crm_match",
    False: "SELECT id FROM search_text WHERE vector @@ crm_veiled(:crm_match)",
}
FINDING = {
    True: "SELECT s.entity, s.id, s.title FROM search_fts f CROSS JOIN search_text s ON s.id = f.rowid "
    "WHERE search_fts MATCH :match ORDER BY f.rowid DESC LIMIT :most",
    # no ORDER BY: it would sort every hit of a common word before the first is shown
    False: "SELECT entity, id, title FROM search_text WHERE vector @@ crm_veiled(:match) LIMIT :most",
}
"""By engine (SQLite: true), as a person asks who sees everything."""


def find(
    connection: sa.Connection, schema: Schema, text: str, *, entities: Sequence[str] = (), limit: int = 20
) -> list[Hit]:
    """The records that match every word of ``text`` as a prefix, accents and case ignored, best first.

    A few hundred candidates are read and ranked: title equals, title starts with the text, every word starts a word
    of the title, the rest; newer first among equals. Where enough titles begin with the text, what the other words of
    records say would come after them, and is not looked up.
    """
    terms = query_words(text)
    if not terms:
        return []
    whole = fold(text).strip()
    found: list[Hit] = []
    narrowed = is_locked(connection) and not _reads_all(connection, schema)
    if not narrowed:
        found = _by_title(connection, schema, whole, entities)
    if len(found) < limit:
        by_words = _by_words(connection, terms, entities, number_words(text))
        found += by_words
        # such a server finds what belongs to somebody by its words at once, by titles one by one
        if narrowed and len(by_words) == _RANKED_SEEN:
            found += _by_title(connection, schema, whole, entities)
    hits = {hit.id: hit for hit in found}

    def rank(hit: Hit) -> tuple[int, int]:
        title = fold(hit.title)
        if title == whole:
            return 0, -hit.id
        if title.startswith(whole):
            return 1, -hit.id
        parts = words(title)
        if all(any(part.startswith(term) for part in parts) for term in terms):
            return 2, -hit.id
        return 3, -hit.id

    return sorted(hits.values(), key=rank)[:limit]


def _reads_all(connection: sa.Connection, schema: Schema) -> bool:
    """Whether who asks sees every record that search finds."""
    access = connection.get_execution_options().get("crm_access")
    listed = (one for one in schema.entities.values() if one.searchable and one.listed)
    return access is None or all(access.scope(one.name, "read") == "all" for one in listed)


def _by_words(
    connection: sa.Connection, terms: Sequence[str], entities: Sequence[str], others: Sequence[str]
) -> list[Hit]:
    """Records with every one of ``terms`` as a prefix of some word; in SQLite the newest of them."""
    sqlite = connection.dialect.name == "sqlite"
    access = connection.get_execution_options().get("crm_access")
    most = _RANKED if access is None or access.everything else _RANKED_SEEN
    params = {"match": match_expression(terms, sqlite, entities, others), "most": most}
    return [Hit(*row) for row in connection.execute(sa.text(FINDING[sqlite]), params)]


def _by_title(connection: sa.Connection, schema: Schema, start: str, entities: Sequence[str]) -> list[Hit]:
    """The records whose title begins with ``start``, from the indexes of sort keys."""
    hits = []
    for entity in schema.entities.values():
        key = entity.field(entity.title_field).sort_by
        if not key or not entity.searchable or (entities and entity.name not in entities):
            continue
        sql = (
            f'SELECT id, "{entity.title_field}" FROM "{entity.table}" WHERE "{key}" >= :low AND "{key}" < :high '
            f'ORDER BY "{key}" LIMIT {_BY_TITLE}'
        )
        rows = connection.execute(sa.text(sql), {"low": start, "high": start + "\U0010ffff"})
        hits += [Hit(entity.name, identity, title or "") for identity, title in rows]
    return hits
