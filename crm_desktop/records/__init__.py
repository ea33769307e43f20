"""Generic reads and writes for any record type: validation, custom fields, tags, notes, attachments, history, undo."""
