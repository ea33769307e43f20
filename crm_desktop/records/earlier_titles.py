"""Titles of changes that earlier versions of the program wrote into the history: translated as long as histories are kept.

A title is stored as its English text and translated when it is shown, so a text that the program no longer writes has to
stay known to the catalogues.
"""

from __future__ import annotations

from crm_desktop.core.i18n import N_

EARLIER = (
    N_("Add stage"), N_("Archive pipeline"), N_("Change stage"), N_("Complete activity"), N_("Delete a comment"),
    N_("Delete a note"), N_("Delete event"), N_("Delete stage"), N_("Edit event"), N_("Move event"), N_("Pin a note"),
    N_("Plan event"), N_("Plan task"), N_("Rename pipeline"), N_("Reopen activity"), N_("Reorder stages"),
    N_("Unpin a note"), N_("Edit company"), N_("Edit contact"), N_("Move deal"),
)  # fmt: skip
