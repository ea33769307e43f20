"""Secrets in the keyring of the operating system, and nowhere else on the disk."""

from __future__ import annotations

import logging
from typing import Any

from crm_desktop.core.secrets import keep_secret

_EMPTY = ("keyring.backends.null", "keyring.backends.fail")
"""Keyrings that keep nothing: the one that is switched off, and the one that stands for none."""

_log = logging.getLogger(__name__)


def available() -> bool:
    """Whether this computer has a keyring that keeps something."""
    import keyring  # lazy: heavy, and most starts need no secret

    try:
        ring = keyring.get_keyring()
    except Exception as error:  # a keyring is a plug-in: whatever it raises means that there is none
        _log.info("No keyring: %s", type(error).__name__)
        return False
    rings = getattr(ring, "backends", None)  # of a chain of several
    return any(type(one).__module__ not in _EMPTY for one in (rings if rings is not None else [ring]))


def save(service: str, account: str, secret: str) -> bool:
    """Keep a secret; False where there is no keyring or it does not want to."""
    keep_secret(secret)
    if not available():
        return False
    import keyring  # lazy: as above

    try:
        keyring.set_password(service, account, secret)
        return keyring.get_password(service, account) == secret
    except Exception as error:  # as above; its message may hold anything
        _log.info("The keyring did not keep a secret: %s", type(error).__name__)
        return False


def read(service: str, account: str) -> str:
    """A kept secret, or an empty text."""
    import keyring  # lazy: as above

    try:
        secret = keyring.get_password(service, account) or ""
    except Exception as error:  # as above
        _log.info("The keyring could not be read: %s", type(error).__name__)
        return ""
    keep_secret(secret)
    return secret


def forget(service: str, account: str) -> bool:
    """Take a secret out of the keyring; False where none was kept."""
    import keyring  # lazy: as above

    ring: Any = keyring
    try:
        if not ring.get_password(service, account):
            return False
        ring.delete_password(service, account)
    except Exception as error:  # as above
        _log.info("The keyring did not forget a secret: %s", type(error).__name__)
        return False
    return True
