"""Pictures of the assistant of the office server: a step that failed, the people who move, what colleagues type."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from crm_desktop.db.server_address import ServerAddress
from crm_desktop.moving import Moved, Verified, people_of
from crm_desktop.office_server import temporary_password
from ui.framework import tasks
from ui.shell.server.parts import JOIN, MOVE
from ui.shell.server.wizard import ServerWizard

Grab = Callable[..., None]


def server_assistant(window: Any, grab: Grab) -> None:
    """The three pages that the guide shows; no server is needed for them."""
    dialog = ServerWizard(window, JOIN)
    dialog.show()
    with socket.socket() as nobody:  # a port where nobody listens
        nobody.bind(("127.0.0.1", 0))
        dialog.page.host.line.setText("localhost")  # type: ignore[attr-defined]
        dialog.page.port.line.setText(str(nobody.getsockname()[1]))  # type: ignore[attr-defined]
    dialog.page.go_on()
    tasks.wait_idle(20)
    grab("server-check", dialog)
    dialog.close()
    dialog = ServerWizard(window, MOVE, office=window.office)
    dialog.plan.address = ServerAddress(
        "server.office.lan", 5432, "crm", tls="verify", ca_file="/certificates/server.crt"
    )
    dialog._show(2)
    dialog.show()
    tasks.wait_idle(20)
    grab("server-people", dialog)
    plan = dialog.plan
    people = sorted(people_of(window.office.database), key=lambda one: one.role != "owner")
    plan.movers = [replace(one, password=temporary_password()) for one in people]
    plan.moved = Moved("", Verified(45, 41_208, 37, 3), plan.address)
    dialog._show(4)
    grab("server-summary", dialog)
    dialog.close()
    dialog.deleteLater()
