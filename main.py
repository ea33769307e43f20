"""Start CRM Desktop: the window by default; a sub-command runs without one."""

from __future__ import annotations

import gc
import io
import re
import sys
from pathlib import Path

from crm_desktop.core import scratch

HELP = {"-h", "--help", "--version"}


def is_command(arguments: list[str]) -> bool:
    """Whether the arguments name a sub-command; a file, an address or an option of the window does not."""
    first = arguments[0] if arguments else ""
    return first in HELP or re.fullmatch(r"[a-z][a-z0-9-]*", first) is not None


def main(arguments: list[str]) -> int:
    """Run the program; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):  # a program without a console has none
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if not arguments and Path(sys.executable).stem.endswith("-cli"):
        arguments = ["--help"]
    if is_command(arguments):
        # lazy: the window starts without the commands
        import crm_desktop.cli as cli

        scratch.use_own_folder()
        return cli.main(arguments)
    gc.disable()  # a start makes little garbage; looking for it takes a tenth of it
    # lazy: the commands run without Qt. It looks into every module that is imported after it, so it comes last.
    import crm_desktop.app  # noqa: F401
    import ui.app as app

    scratch.use_own_folder()
    return app.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
