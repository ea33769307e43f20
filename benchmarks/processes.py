"""Fresh processes to measure in, so that neither imports nor memory of one measurement colour the next."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_TIMEOUT = 1800


def run(
    module: str, arguments: dict[str, Any], cache: Path, *, empty_settings: bool = True, timeout: float = _TIMEOUT
) -> dict[str, Any]:  # fmt: skip
    """Run ``python -m benchmarks.<module>`` with arguments as JSON; returns what it printed last, as JSON.

    The program's byte code is kept in ``cache`` as an installed program has it; settings and logs go to a throw-away folder.
    ``started`` is added to the arguments: the clock when the process was asked for.
    """
    with tempfile.TemporaryDirectory() as home:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"PYTHONPYCACHEPREFIX": str(cache / "bytecode"), "CRM_DATA": home, "PYTHONPATH": str(ROOT)}
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        text = json.dumps(arguments | {"started": time.time()})
        command = [sys.executable, "-m", f"benchmarks.{module}", text]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, cwd=ROOT, timeout=timeout, check=False
        )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        raise RuntimeError(f"benchmarks.{module} ended with {done.returncode}:\n{done.stderr[-4000:]}")
    result: dict[str, Any] = json.loads(lines[-1])
    return result


def arguments() -> dict[str, Any]:
    """What :func:`run` handed to this process."""
    found: dict[str, Any] = json.loads(sys.argv[1])
    return found


def tell(result: dict[str, Any]) -> None:
    """Hand the result back."""
    print(json.dumps(result), flush=True)
