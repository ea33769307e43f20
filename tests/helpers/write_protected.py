"""Files that may not be written, as far as programs ask before: also where the tests run as an administrator."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def protect(monkeypatch: pytest.MonkeyPatch, *paths: Path) -> None:
    """From now on these files and folders may only be read."""
    real, protected = os.access, {str(path.absolute()) for path in paths}

    def access(path: object, mode: int, **how: bool) -> bool:
        return real(path, mode, **how) and not (mode & os.W_OK and str(path) in protected)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "access", access)
