"""Offices that many tests begin with: each is filled once in a test process and engine, and copied for every test."""

from __future__ import annotations

import copy
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.demo.make import make_demo
from tests.helpers.postgres import PostgresServer

Fill = Callable[[Database], Any]
OpenFilled = Callable[[Fill], tuple[Database, Any]]
"""Takes a function that fills an empty office; returns such an office, open, and what the function returned."""


@cache
def sample_office(contacts: int) -> Fill:
    """A function that fills an office with so many contacts of the sample office, and what belongs to them."""
    return lambda database: make_demo(database, contacts)


class Offices:
    """The filled offices of this process, by the function that filled them.

    Args:
        folder: where files are kept.
        empty: a file with the newest schema and nothing else.
    """

    def __init__(self, folder: Path, empty: Path, schema: Schema) -> None:
        self._folder, self._empty, self._schema = folder, empty, schema
        self._files: dict[Fill, tuple[Path, Any]] = {}
        self._databases: dict[Fill, tuple[str, Any]] = {}

    def copy_to(self, path: Path, fill: Fill) -> Any:
        """Put the office that ``fill`` makes of an empty one into a file; returns what it returned."""
        if fill not in self._files:
            made = self._folder / f"{len(self._files)}.crm"
            shutil.copyfile(self._empty, made)
            self._files[fill] = made, self._fill(str(made), fill)
        made, told = self._files[fill]
        shutil.copyfile(made, path)
        return copy.deepcopy(told)

    @contextmanager
    def on_file(self, path: Path) -> Iterator[OpenFilled]:
        """A function that opens a filled office in a file, to be closed in the end."""
        opened: list[Database] = []

        def open_filled(fill: Fill) -> tuple[Database, Any]:
            told = self.copy_to(path, fill)
            opened.append(Database(str(path), self._schema))
            return opened[-1], told

        yield open_filled
        for database in opened:
            database.close()

    @contextmanager
    def on_server(self, server: PostgresServer, empty: str) -> Iterator[OpenFilled]:
        """A function that opens a filled office on a server, where ``empty`` is a database with the newest schema."""
        opened: list[Database] = []
        name = f"crm_test_{uuid.uuid4().hex[:12]}"

        def open_filled(fill: Fill) -> tuple[Database, Any]:
            if fill not in self._databases:
                made = f"crm_filled_{uuid.uuid4().hex[:12]}"
                server.create_database(made, empty)
                self._databases[fill] = made, self._fill(server.url(made), fill)
            made, told = self._databases[fill]
            server.create_database(name, made)
            opened.append(Database(server.url(name), self._schema))
            return opened[-1], copy.deepcopy(told)

        yield open_filled
        for database in opened:
            database.close()
        server.drop_database(name)

    def drop_from(self, server: PostgresServer) -> None:
        """Drop from a server what was made there."""
        for made, _told in self._databases.values():
            server.drop_database(made)
        self._databases.clear()

    def _fill(self, url: str, fill: Fill) -> Any:
        database = Database(url, self._schema)
        try:
            return fill(database)
        finally:
            database.close()
