"""A keyring in memory."""

from __future__ import annotations

import keyring
import keyring.backend
import pytest


class Ring(keyring.backend.KeyringBackend):
    """Keeps passwords as long as the test runs."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """A password that was kept."""
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password."""
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget a password."""
        del self.kept[service, username]

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Be the keyring of this computer until the end of the test."""
        monkeypatch.setattr(keyring, "get_keyring", lambda: self)
        for name in ("get_password", "set_password", "delete_password"):
            monkeypatch.setattr(keyring, name, getattr(self, name))
