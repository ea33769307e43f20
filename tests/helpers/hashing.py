"""Argon2 that costs nothing, for tests that are not about its cost."""

from __future__ import annotations

from functools import cache

import argon2
import pytest

from crm_desktop.security import passwords


def hash_cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let passwords be hashed with the least parameters until the end of the test."""
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: cheap)
    monkeypatch.setattr(passwords, "_decoy", cache(lambda: cheap.hash("nobody has this one")))
