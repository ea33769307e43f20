"""What protects the rows of each table: the one classification that services, views of files and server policies follow.

A record type with a list has rights of its own. What belongs to such records follows them. Every other table says in
``info["rights"]`` which of the office's rules it is under; a table that says nothing is seen by owners and
administrators only, so that what is new is closed until somebody opens it. A derived table names in ``info["about"]``
the column with the record that its rows tell of.

==========  ==============================================  ================================================
rule        who reads                                        who writes
==========  ==============================================  ================================================
record      by the rights of the record type                 by the rights of the record type
child       who reads the record                             who may edit the record, or makes it at the same time
words       who reads the record                             who reads the record adds; the writer changes and deletes
settings    everybody                                        the power "settings"
users       everybody                                        the power "users"
secret      nobody (a user through functions only)           the power "users"; a user their own, by functions
import      who made the row, and the power "import"; what   the power "import"
            was rejected of others: sensitive fields too
views       own ones, the team's, everyone's                 own ones; shared ones of others: the power "views"; each
                                                             whether their own list opens with it
tags        everybody                                        everybody adds; changing one: the power "settings"
personal    whose ``user_id`` it is, and who made it         everybody adds; the user changes and deletes; the maker deletes
mention     whose it is, and who reads the note              who wrote the note; the user marks it as read
blob        who sees a file with this content                everybody adds what its hash says; nobody changes one
journal     who reads the record; own change sets            the triggers; own change sets are opened and closed
search      who reads the record                             the triggers
erase       the power "erase"                                the power "erase"
backup      everybody                                        the power "backup"
shared      everybody; where somebody is (``user_id``),      everybody; a row with a ``user_id``, that user; numbers
            who reads the record                             are drawn by functions
closed      owners and administrators                        owners and administrators
==========  ==============================================  ================================================

Handing a record over is part of editing it: whom it goes to is not asked. Who may edit a record also moves and restores
notes on it, whose words stay as they were written; the answers to a note go with it. The history of a deleted record is
read by who would read it. A row of sensitive fields is under its rule and under the right "sensitive" of its record; the
columns of sensitive fields, and their values in the history, under the latter. Owners and administrators read every row
but secrets; only owners make owners, and nobody changes their own role or, without leading the office, their own team.
Who manages people without leading manages those who may do no more. What somebody made and nobody else touched they
take back (undo) whatever their right to delete.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.schema import Schema

RULES = (
    "record", "child", "words", "settings", "users", "secret", "import", "views", "tags", "personal", "mention", "blob",
    "journal", "search", "erase", "backup", "shared", "closed",
)  # fmt: skip


@dataclass(frozen=True)
class Protection:
    """How one table is protected.

    Attributes:
        table: its name.
        rule: one of :data:`RULES`.
        entity: the record type, where the rule is "record".
        owner: the column with the owner of a row ("" where there is none: "own" and "team" then mean who made it).
        parents: the record types whose rows its own may belong to, by ``column``.
        column: the column with the id of the record that a row belongs to.
        sensitive: the rows are seen by those only who may see the sensitive fields of the record.
    """

    table: str
    rule: str
    entity: str = ""
    owner: str = ""
    parents: tuple[str, ...] = ()
    column: str = ""
    sensitive: bool = False


def protection_of(schema: Schema, table: sa.Table) -> Protection:
    """How a table is protected."""
    spec = schema.by_table.get(table.name)
    owner = "owner_id" if "owner_id" in table.columns else ""
    if spec is not None and spec.listed:
        return Protection(table.name, "record", spec.name, owner)
    rule = str(table.info.get("rights", ""))
    parents, column = schema.parents.get(table.name, ((), ""))
    if "about" in table.info:
        parents, column = tuple(one.name for one in schema.entities.values() if one.listed), str(table.info["about"])
    if parents and rule in ("", "words", "mention"):
        sensitive = bool(table.info.get("sensitive"))
        return Protection(table.name, rule or "child", "", "", parents, column, sensitive)
    return Protection(table.name, rule or "closed", "", owner)


def protections(schema: Schema) -> dict[str, Protection]:
    """Table name to its protection, for every table that the program makes, parents before children."""
    return {table.name: protection_of(schema, table) for table in Base.metadata.sorted_tables if _known(schema, table)}


def _known(schema: Schema, table: sa.Table) -> bool:
    return not table.info.get("entity") or table.name in schema.by_table


def hidden_columns(schema: Schema, entity: str) -> frozenset[str]:
    """The columns of a record type that hold sensitive fields; own fields are in ``custom`` and not among them."""
    spec = schema.entity(entity)
    return frozenset(one.name for one in spec.fields if one.sensitive and one.name in spec.stored)
