"""What stands under the tabs of a card, each made when somebody looks at it first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any


class CardViews(Mapping[str, Any]):
    """The views of a card by the key of their tab, in the order of the tabs.

    Args:
        makers: makes a view, by key.
        on_made: called with key and view after one was made.
    """

    def __init__(self, makers: Mapping[str, Callable[[], Any]], on_made: Callable[[str, Any], None]) -> None:
        self._makers, self._on_made = makers, on_made
        self._made: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        if key not in self._made:
            self._made[key] = self._makers[key]()
            self._on_made(key, self._made[key])
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def made(self) -> list[Any]:
        """The views that somebody has looked at already."""
        return list(self._made.values())

    def seen(self, key: str) -> bool:
        """Whether a view is what one sees now."""
        return key in self._made and bool(self._made[key].isVisible())
