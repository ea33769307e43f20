"""What is typed into one editor is kept as a draft while it is being typed."""

from __future__ import annotations

from typing import Any

from ui.records.drafts import draft_key, forget_draft, keep_draft
from ui.records.room import keep_later, soon

_KEEP_MS = 250


def typed_text(editor: Any) -> str | None:
    """The text in an editor; None for one in which nothing is written, but chosen."""
    if hasattr(editor, "toPlainText"):
        return str(editor.toPlainText())
    if hasattr(editor, "setText") and hasattr(editor, "text"):
        return str(editor.text())
    return None


def put_typed(editor: Any, text: str) -> None:
    """Put a text back as it was typed."""
    if hasattr(editor, "setPlainText"):
        editor.setPlainText(text)
    elif hasattr(editor, "setText"):
        editor.setText(text)


def keep_typed(editor: Any, key: str, title: str) -> None:
    """Keep the text of an editor as a draft as long as the editor is there; nothing where it is empty.

    Args:
        key: where it belongs, see ``drafts.draft_key``.
        title: what people call the record.
    """

    def keep() -> None:
        text = typed_text(editor)
        if text is not None and editor.isVisible():
            keep_draft(key, text, title)

    timer = keep_later(editor, _KEEP_MS, keep)
    editor.edited.connect(lambda: soon(timer))


def keep_cell(editor: Any, model: Any, record_id: int | None, name: str) -> None:
    """Keep what is typed into a cell of a list: where the program ends now, the card shows it the next time."""
    if record_id is None:
        return
    key = draft_key(model.office, "fact", model.entity, record_id, name)
    keep_typed(editor, key, model.title_at(model.row_of(record_id)))
    editor.cancelled.connect(lambda: forget_draft(key))
