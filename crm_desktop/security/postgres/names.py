"""The names of the roles that an office has on its server."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

_LONGEST = 63
"""Bytes of the longest name that PostgreSQL keeps whole."""

_LONGEST_PREFIX = 40


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def is_locked(connection: sa.Connection) -> bool:
    """Whether a database has a lock."""
    if connection.dialect.name != "postgresql":
        return False
    return bool(connection.exec_driver_sql("SELECT to_regnamespace('crm_lock') IS NOT NULL").scalar())


@dataclass(frozen=True)
class Names:
    """The names of an office's roles; all begin with ``prefix``, the name that the database had when it was locked."""

    prefix: str

    @property
    def owner(self) -> str:
        """Who owns all objects."""
        return self.group("owner")

    @property
    def keeper(self) -> str:
        """Who makes logins and groups."""
        return self.group("keeper")

    @property
    def people(self) -> str:
        """Everybody who works in the office."""
        return self.group("people")

    def group(self, key: str) -> str:
        """The role of the server of a role of the office; as ``crm_lock.group_name`` has it."""
        name = f"{self.prefix}_{key}"
        if len(name.encode()) <= _LONGEST:
            return name
        return f"{self.prefix[:20]}_{hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()}"

    @staticmethod
    def of(connection: sa.Connection) -> Names:
        """The names of a database: as it was locked, or as it would be."""
        run = connection.exec_driver_sql
        if is_locked(connection):
            comment = run("SELECT obj_description('crm_lock'::regnamespace, 'pg_namespace')").scalar()
            if comment:
                return Names(str(comment).partition(": ")[2])
        return Names.for_database(str(run("SELECT current_database()").scalar()))

    @staticmethod
    def for_database(name: str) -> Names:
        """The names that a database gets when it is locked; two databases never share any, however long theirs are."""
        if len(name.encode()) <= _LONGEST_PREFIX:
            return Names(name)
        # so short that it stays whole in every name made of it
        start = name.encode()[:11].decode(errors="ignore")
        return Names(f"{start}_{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:8]}")
