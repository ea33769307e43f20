"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.scratch import unfinished


@contextmanager
def whole_file(path: Path | str) -> Iterator[Path]:
    """Give a temporary path beside ``path`` that takes its place at the end; after an error neither is left.

    Raises:
        UserError: the folder is missing or cannot be written, or the file is open in another program.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with unfinished(part):
            part.touch()
            yield part
            os.replace(part, path)
    except (PermissionError, IsADirectoryError, NotADirectoryError) as error:
        raise UserError(
            N_("{file} cannot be written. Close it if it is open in another program, or choose another folder."),
            file=path.name,
            details=str(error),
        ) from error
    except FileNotFoundError as error:
        if path.parent.is_dir():
            raise
        raise UserError(
            N_("The folder {folder} does not exist. Choose another one."), folder=str(path.parent), details=str(error)
        ) from error
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise UserError(N_("The disk is full. Make room, or choose another folder."), details=str(error)) from error
    finally:
        part.unlink(missing_ok=True)
