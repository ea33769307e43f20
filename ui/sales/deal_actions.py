"""What can be done with a deal, from the board and from its card: each is one undoable change with a toast."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.errors import EditConflict
from crm_desktop.core.i18n import N_, _
from crm_desktop.sales import service
from crm_desktop.sales.queries import Pipeline
from crm_desktop.sales.stages import StageInfo
from ui.framework import dialogs
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.conflict import solve_conflict
from ui.records.drafts import draft_key
from ui.records.saving import show_saved
from ui.sales.deal_dialogs import DealDialog, LoseDialog, PipelineDialog, PostponeDialog

Done = Callable[[], None] | None
AT_END = 1_000_000_000
"""A place that no column reaches: the end of it."""


class DealActions:
    """Moves, wins, loses, postpones and reopens deals for one page.

    Args:
        owner: the page, over which questions and toasts appear.
        before: called as soon as it is sure that a change will be written.
        after: called when it was written or refused.
    """

    def __init__(
        self, office: Office, navigator: Navigator, owner: QWidget, before: Done = None, after: Done = None
    ) -> None:
        self._office, self._navigator, self._owner = office, navigator, owner
        self._before, self._after = before, after

    def move(
        self, deal_id: int, name: str, stage: StageInfo, before: int | None = None, *, top: bool = False,
        seen: int | None = None,
    ) -> None:  # fmt: skip
        """Put a deal in a stage: in front of another deal, on top, or at the end.

        Where it is no longer in the stage ``seen``, somebody else moved it: which stage it gets is asked.
        """
        position = None if before is not None or top else AT_END

        def chosen(values: Mapping[str, Any], _notes: str) -> None:
            if values["stage_id"] == stage.id:
                self.move(deal_id, name, stage, before, top=top)

        self._write(
            N_("Move “{deal}” to {stage}"), {"deal": name, "stage": stage.name},
            lambda uow: service.move_deal(uow, deal_id, stage.id, position=position, before=before, seen=seen),
            _("“{deal}” is in {stage} now").format(deal=name, stage=stage.name),
            lambda error: solve_conflict(self._owner, self._office, error, name, {"stage_id": stage.id}, {}, chosen),
        )  # fmt: skip

    def reorder(self, deal_id: int, name: str, stage: StageInfo, before: int | None) -> None:
        """Give a deal another place in its column; no toast, since nothing about the deal changed."""
        position = None if before is not None else AT_END
        self._write(
            N_("Move “{deal}” in {stage}"), {"deal": name, "stage": stage.name},
            lambda uow: service.move_deal(uow, deal_id, stage.id, position=position, before=before), "",
        )  # fmt: skip

    def win(self, deal_id: int, name: str) -> None:
        """Mark a deal as won."""
        self._write(
            N_("Mark “{deal}” as won"), {"deal": name}, lambda uow: service.win_deal(uow, deal_id),
            _("“{deal}” is won").format(deal=name),
        )  # fmt: skip

    def lose(self, deal_id: int, name: str) -> bool:
        """Ask why, and mark a deal as lost; False where the user gave it up."""
        dialog = LoseDialog(self._owner.window(), name)
        dialog.keep_draft(draft_key(self._office, "lost", "deal", deal_id), name)
        if not self._run(dialog):
            return False
        reason, competitor = dialog.reason(), dialog.competitor()
        self._write(
            N_("Mark “{deal}” as lost"), {"deal": name},
            lambda uow: service.lose_deal(uow, deal_id, reason, competitor),
            _("“{deal}” is lost").format(deal=name), settled=dialog.settled,
        )  # fmt: skip
        return True

    def postpone(self, deal_id: int, name: str) -> bool:
        """Ask until when, and let a deal rest; False where the user gave it up."""
        dialog = PostponeDialog(self._owner.window(), name)
        dialog.keep_draft(draft_key(self._office, "later", "deal", deal_id), name)
        if not self._run(dialog):
            return False
        until, subject = dialog.until(), dialog.subject()
        if until is None:
            return False
        self._write(
            N_("Postpone “{deal}”"), {"deal": name},
            lambda uow: service.postpone_deal(uow, deal_id, until, subject=subject),
            _("“{deal}” is postponed, and a task reminds you").format(deal=name), settled=dialog.settled,
        )  # fmt: skip
        return True

    def change_pipeline(self, deal_id: int, name: str, others: Sequence[Pipeline], stage: StageInfo | None) -> bool:
        """Ask for a pipeline and move a deal there; False where the user gave it up."""
        if not others:
            return False
        dialog = PipelineDialog(self._owner.window(), name, others, stage)
        if not self._run(dialog):
            return False
        dialog.settled()
        self.move(deal_id, name, dialog.stage(), top=True)
        return True

    def reopen(self, deal_id: int, name: str) -> None:
        """Open a closed deal again."""
        self._write(
            N_("Reopen “{deal}”"), {"deal": name}, lambda uow: service.reopen_deal(uow, deal_id),
            _("“{deal}” is open again").format(deal=name),
        )  # fmt: skip

    def quick_add(
        self, stage_id: int, name: str, company_id: int | None, company: str, amount: Decimal | None,
        done: Callable[[int], None], failed: Callable[[Exception], None],
    ) -> None:  # fmt: skip
        """Make a deal from a few words."""

        def made(deal_id: int) -> None:
            show_saved(self._owner, self._navigator, _("“{deal}” created").format(deal=name))
            done(deal_id)

        self._office.write(
            self._owner, N_("Create “{deal}”"),
            lambda uow: service.quick_add_deal(
                uow, name, stage_id=stage_id, company_id=company_id, company=company, amount=amount
            ),
            made, failed, params={"deal": name},
        )  # fmt: skip

    @staticmethod
    def _run(dialog: DealDialog) -> bool:
        if dialogs.run_dialog(dialog):
            return True
        dialog.deleteLater()
        return False

    def _write(
        self, title: str, params: dict[str, str], work: Callable[[Any], Any], text: str,
        solve: Callable[[EditConflict], None] | None = None, settled: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        if self._before is not None:
            self._before()

        def done(_result: Any) -> None:
            if settled is not None:
                settled()
            if text:
                show_saved(self._owner, self._navigator, text)
            self._finish()

        def failed(error: Exception) -> None:
            self._finish()
            if isinstance(error, EditConflict) and solve is not None:
                solve(error)
            else:
                dialogs.show_error(self._owner, error)

        self._office.write(self._owner, title, work, done, failed, params=params)

    def _finish(self) -> None:
        if self._after is not None:
            self._after()
