"""The steps of an import for the guide: a workbook of two sheets comes into the sample office, and a list goes out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlsxwriter

from crm_desktop.core.i18n import _
from crm_desktop.importing import recipes
from ui.framework import tasks
from ui.importing import recipe_use
from ui.importing.added_column import AddedColumnDialog
from ui.importing.recipe_manager import RecipeManager
from ui.records.export_dialog import ExportDialog

Grab = Callable[..., None]

PEOPLE = (
    ("Clientes ativos – exportado em 14/03/2026",),
    (),
    ("Nome completo", "Empresa", "Celular", "E-mail", "Nascimento", "Cidade/UF", "Valor", "Situação"),
    ("Marina Queirós", "Panificadora Trigo Lilás", "41 95550-0199", "marina.queiros@trigolilas.example", "23/04/1981",
     "Curitiba/PR", "R$ 1.250,00", "Cliente"),
    ("AMARANTE, Sílvia", "Três Cajueiros", "(41) 95550-0170 / 3555-0170", "silvia@cajueiros.example", "15/08/1990",
     "Colombo/PR", "R$ 980,50", "Cliente"),
    ("Bento Figueira", "Oficina Figueira", "5541955500133", "bento@figueira.example", "31/12/1969", "Lapa - PR",
     "R$ 310,00", "Novo"),
    ("Lia Prates", "Oficina Figueira", "41955500188.0", "lia(arroba)figueira", "02/02/1988", "Lapa - PR", "–", "Novo"),
    ("Total", "", "", "", "", "", "R$ 2.540,50", ""),
)  # fmt: skip
FIRMS = (
    ("Razão social", "CNPJ", "Site", "Cidade"),
    ("Oficina Figueira", "11.222.333/0001-81", "figueira.example", "Lapa"),
    ("Três Cajueiros", "", "cajueiros.example", "Colombo"),
)

SHOWN = ("types", "columns", "keys", "rehearsal", "result")
"""The steps that the guide has a picture of."""


def make_workbook(path: Path) -> Path:
    """Write the workbook that the pictures import."""
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in (("Clientes", PEOPLE), ("Empresas", FIRMS)):
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def _settle() -> None:
    for _time in range(12):
        tasks.wait_idle(30)


def import_steps(window: Any, grab: Grab) -> None:
    """Every step of an import, one picture each."""
    with tempfile.TemporaryDirectory() as folder:
        window.open_page("import", path=make_workbook(Path(folder) / "clientes.xlsx"))
        _settle()
        page = window.current_page
        for _step in range(12):
            page.footer.go_on.click()
            _settle()
            if page.current.key in SHOWN:
                grab(f"import-{page.current.key}")
            if page.current.key == "columns":
                _added_column(page, grab)
            if page.current is page.result:
                break
        _recipes(page, window, grab)


def _added_column(page: Any, grab: Grab) -> None:
    draft = page.session.draft
    dialog = AddedColumnDialog(page, draft.guess.file.best.headers, draft.rows)
    _show(dialog, "import-added-column", grab)


def _recipes(page: Any, window: Any, grab: Grab) -> None:
    office, session = window.office, page.session
    recipe_use.save(page, office, session.drafts, "Clientes do mês", lambda _recipe: None)
    _settle()
    dialog = RecipeManager(page, office, lambda: recipes.every(office.database), _("Use for a file…"))
    _settle()
    _show(dialog, "import-recipes", grab)


def _show(dialog: Any, name: str, grab: Grab) -> None:
    dialog.show()
    _settle()
    grab(name, dialog)
    dialog.close()


def export_dialog(window: Any, grab: Grab) -> None:
    """The dialog that exports a list."""
    window.open_page("contacts")
    _settle()
    dialog = ExportDialog(window.current_page, window.office, "contact", "Contacts", 0, 1248, "xlsx")
    dialog.path.setText("Contacts.xlsx")
    _show(dialog, "export", grab)
