"""Writing a document to a file: the writer is chosen by kind."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.reporting.document import Document, Paper

FileKind = Literal["pdf", "xlsx", "csv"]


def write_document(
    document: Document, path: Path | str, kind: FileKind | None = None, *, paper: Paper = "A4",
    progress: Progress | None = None,
) -> Path:  # fmt: skip
    """Write a document as PDF, XLSX or CSV.

    Args:
        document: what to write.
        path: the file; replaced if it exists.
        kind: "pdf", "xlsx" or "csv"; by the file's ending where none is given.
        paper: the paper of a PDF.
        progress: told how far the work is, and asked whether to stop (then no file is left).

    Returns:
        The path.

    Raises:
        UserError: the ending is none of these, or the file cannot be written there.
    """
    path = Path(path)
    chosen = kind or path.suffix.lower().lstrip(".")
    if chosen == "pdf":
        from crm_desktop.reporting.pdf import write_pdf  # lazy: heavy

        write_pdf(document, path, paper=paper, progress=progress)
    elif chosen == "xlsx":
        from crm_desktop.reporting.xlsx import write_xlsx  # lazy: heavy

        write_xlsx(document, path, progress=progress)
    elif chosen == "csv":
        from crm_desktop.reporting.csv_writer import write_csv  # lazy: heavy

        write_csv(document, path, progress=progress)
    else:
        raise UserError(
            N_("“{kind}” is not a kind of report file. Choose one of {kinds}."),
            kind=chosen,
            kinds=", ".join(get_args(FileKind)),
        )
    return path
