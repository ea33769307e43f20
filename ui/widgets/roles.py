"""What models tell the delegates beyond Qt's own roles."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import Qt


class Role(IntEnum):
    """Item data roles; every one may be missing (None)."""

    AVATAR = Qt.ItemDataRole.UserRole + 1  # name for an avatar before the text [str]
    COLOR = Qt.ItemDataRole.UserRole + 2  # token of the text [str]
    FONT = Qt.ItemDataRole.UserRole + 3  # type role of the text [str]
    ICON = Qt.ItemDataRole.UserRole + 4  # (icon name, token) before the text
    BADGE = Qt.ItemDataRole.UserRole + 5  # (text, kind, icon name) behind or instead of the text
    TAGS = Qt.ItemDataRole.UserRole + 6  # list of (text, hue) instead of the text
    LOADING = Qt.ItemDataRole.UserRole + 7  # the row is still being fetched [bool]
    SUBTITLE = Qt.ItemDataRole.UserRole + 8  # second line [str]
    TRAILING = Qt.ItemDataRole.UserRole + 9  # (text, token, icon name) at the end of the first line
    TRAILING_SUB = Qt.ItemDataRole.UserRole + 10  # (text, token, icon name) at the end of the second line
    GROUP = Qt.ItemDataRole.UserRole + 11  # the row is the heading of a group [bool]
    KEY = Qt.ItemDataRole.UserRole + 12  # what the row stands for, for the caller [Any]
    SORT = Qt.ItemDataRole.UserRole + 13  # the value to sort by [Any]
    MARK = Qt.ItemDataRole.UserRole + 14  # list of (start, length) hits in the text
    KEY_CAP = Qt.ItemDataRole.UserRole + 15  # a shortcut at the end [str]
    BAR = Qt.ItemDataRole.UserRole + 16  # (fraction 0 to 1, token): a thin bar instead of the text
    BUTTON = Qt.ItemDataRole.UserRole + 17  # icon name of a small button at the end of a row [str]
    TITLE_ICON = Qt.ItemDataRole.UserRole + 18  # icon name right behind the title [str]
