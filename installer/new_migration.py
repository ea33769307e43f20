"""Write a migration from the difference between the models and the newest migration.

.venv/bin/python installer/new_migration.py 0002 "Add the lost reason"
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext

from crm_desktop import features
from crm_desktop.db import migrate
from crm_desktop.db.base import Base, tell_postgres
from crm_desktop.db.database import Database
from crm_desktop.db.schema import MIGRATIONS

HEAD = '''"""{message}."""
# ruff: noqa: E501

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crm_desktop.db.types import Instant, JsonType, Units, WallTime

revision = "{revision}"
down_revision = {down}


def upgrade() -> None:
    """Bring the schema forward."""
{body}
'''


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """How our own types are spelled in a migration."""
    name = type(item).__name__
    return f"{name}()" if kind == "type" and name in ("Units", "WallTime", "Instant", "JsonType") else False


def main(revision: str, message: str) -> None:
    """Write crm_desktop/db/migrations/versions/<revision>.py."""
    schema = features.schema()
    tell_postgres()
    down = migrate.head(schema)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "x.db", schema)
        if down:
            # triggers and search belong to the models, whose new tables are not there yet
            migrate.install = lambda *_given: None
            migrate.migrate(database)
        with database.read() as connection:
            options = {"render_as_batch": bool(down), "user_module_prefix": "", "render_item": render_item,
                       "include_name": lambda name, kind, _p: not (kind == "table" and str(name).startswith("search_fts"))}  # fmt: skip
            context = MigrationContext.configure(connection, opts={**options, "target_metadata": Base.metadata})
            script = produce_migrations(context, Base.metadata)
            assert script.upgrade_ops is not None
            body = render_python_code(script.upgrade_ops, render_as_batch=bool(down), render_item=render_item)
        database.close()
    # the ids are made by the program, and SQLite needs INTEGER for a rowid
    for found, wanted in (("sa.Boolean(), server_default=sa.text('0')", "sa.Boolean(), server_default=sa.false()"),
                          ("sa.Boolean(), server_default=sa.text('1')", "sa.Boolean(), server_default=sa.true()")):  # fmt: skip
        body = body.replace(found, wanted)
    body = re.sub(r",?\s*info=\{[^}]*\}", "", body)
    lines = "    " + body.lstrip()
    path = MIGRATIONS / f"{revision}.py"
    path.write_text(
        HEAD.format(message=message, revision=revision, down=f'"{down}"' if down else None, body=lines),
        encoding="utf-8",
    )
    subprocess.run([sys.executable, "-m", "ruff", "check", "-q", "--fix-only", str(path)], check=False)
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", str(path)], check=False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
