"""Statements without an answer, sent to a server several at a time: each way there and back may take as long as they do."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


class Orders:
    """The statements of one connection, in their order."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._waiting: list[str] | None = None if connection.dialect.name == "sqlite" else []

    def give(self, *statements: str) -> None:
        """Have statements carried out; on a server not before :meth:`send` or a question."""
        if self._waiting is not None:
            self._waiting += statements
            return
        for one in statements:
            self._connection.exec_driver_sql(one)

    def send(self) -> None:
        """Have everything carried out that was given."""
        if self._waiting:
            together = ";\n".join(self._waiting).replace("%%", "%")  # they are written for one that takes parameters
            self._waiting.clear()
            self._connection.exec_driver_sql(together, execution_options={"no_parameters": True})

    def ask(self, statement: str) -> Any:
        """The answer to a statement, once everything is carried out that was given."""
        self.send()
        return self._connection.exec_driver_sql(statement)

    def execute(self, statement: sa.Executable) -> None:
        """Have a statement carried out that is not written as text."""
        self.send()
        self._connection.execute(statement)
