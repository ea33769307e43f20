"""Settings: declared once, typed, kept in one JSON file that never loses a key it does not know."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from crm_desktop.core import paths

T = TypeVar("T")

_declared: dict[str, Setting[Any]] = {}
_stores: dict[Path, SettingsFile] = {}


class Setting(Generic[T]):
    """One setting, declared at the top of a module.

    Args:
        key: its name, "area.word".
        default: the value while nobody chose one; its type is the type of the setting.
        help: one sentence in English, marked with ``N_``.
        choices: the only values allowed, or an empty tuple.
    """

    def __init__(self, key: str, default: T, help: str, *, choices: tuple[T, ...] = ()) -> None:
        if key in _declared:
            raise ValueError(f"setting declared twice: {key}")
        self.key = key
        self.default = default
        self.help = help
        self.choices = choices
        _declared[key] = self

    def get(self) -> T:
        """The value in use."""
        return settings_store().get(self)

    def set(self, value: T) -> None:
        """Choose a value and write the file."""
        settings_store().set(self, value)

    def accepts(self, value: object) -> bool:
        """Whether the value has the right type and is one of the choices."""
        kind = type(self.default)
        right = type(value) is kind or (kind is float and type(value) is int)
        return right and (not self.choices or value in self.choices)


class SettingsFile:
    """The settings in one file. Values of the wrong type read as the default; unknown keys are kept.

    Args:
        path: the JSON file; it is made on the first write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._values: dict[str, Any] = _read(path)
        self._listeners: list[Callable[[str], None]] = []

    def get(self, setting: Setting[T]) -> T:
        """The value of a setting, or its default."""
        value = self._values.get(setting.key, setting.default)
        return cast(T, value) if setting.accepts(value) else setting.default

    def set(self, setting: Setting[T], value: T) -> None:
        """Keep a value; raises ``ValueError`` where it has the wrong type or is no choice."""
        if not setting.accepts(value):
            raise ValueError(f"{setting.key}: {value!r}")
        if setting.key in self._values and self._values[setting.key] == value:
            return
        self._values[setting.key] = value
        _write(self.path, self._values)
        for listener in list(self._listeners):
            listener(setting.key)

    def unknown_keys(self) -> list[str]:
        """The keys in the file that no setting declares: misspelt by hand, or of a newer program."""
        return sorted(key for key in self._values if key not in _declared)

    def wrong_values(self) -> list[str]:
        """The keys whose value in the file is of the wrong type or is no choice."""
        return sorted(k for k, v in self._values.items() if k in _declared and not _declared[k].accepts(v))

    def subscribe(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` with the key after a setting changed."""
        self._listeners.append(listener)

    def unsubscribe(self, listener: Callable[[str], None]) -> None:
        """Stop calling ``listener``."""
        self._listeners.remove(listener)


def settings_store() -> SettingsFile:
    """The user's settings, read once per file."""
    path = paths.settings_file()
    store = _stores.get(path)
    if store is None:
        store = _stores[path] = SettingsFile(path)
    return store


def declared_settings() -> list[Setting[Any]]:
    """Every declared setting, by key."""
    return [_declared[key] for key in sorted(_declared)]


def _read(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        return _set_aside(path)
    return values if isinstance(values, dict) else _set_aside(path)


def _set_aside(path: Path) -> dict[str, Any]:
    """Keep a file that cannot be read under another name, so that nothing a person wrote is lost."""
    try:
        os.replace(path, path.with_suffix(".broken.json"))
    except OSError:
        pass
    return {}


def _write(path: Path, values: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(values, indent=2, ensure_ascii=False, sort_keys=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".settings-", suffix=".json")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
