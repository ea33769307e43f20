"""Set up, run, check, test and pack CRM Desktop; needs nothing but Python 3.11 or newer, on any system."""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from main import is_command  # noqa: E402 (the folder above is not on the path of a script)

VENV = ROOT / ".venv"
STAMP = VENV / "dependencies.sha256"
BUILT = ROOT / "dist" / "crm-desktop"
WINDOWS = sys.platform == "win32"
LINUX = sys.platform.startswith("linux")

SYSTEM_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""What the Qt wheels expect from a Linux system: library to Debian package."""

FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")


def main(arguments: list[str]) -> int:
    """Run a sub-command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="dev.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("setup", help="make .venv and install what the program needs")
    commands.add_parser("run", help="start the program; further words go to it")
    commands.add_parser("check", help="lint, format, types, architecture and translations")
    commands.add_parser("test", help="check, then all tests; further words go to pytest")
    commands.add_parser("build", help="pack the program into dist/ and start what was packed")
    commands.add_parser("catalogues", help="bring the translation catalogues up to date with the code")
    options = parser.parse_args(arguments[:1])
    further = arguments[1:]
    if further and options.command not in {"run", "test"}:
        parser.error(f"{options.command} takes no arguments")
    os.chdir(ROOT)
    setup()
    match options.command:
        case "run":
            return run(further)
        case "check":
            return check()
        case "test":
            return test(further)
        case "build":
            return build()
        case "catalogues":
            return call(python(), "installer/catalogues.py", "update")
    return 0


def setup() -> None:
    """Make the virtual environment, install the pinned dependencies and compile the catalogues, where not done yet."""
    system_packages()
    wanted = requirements()
    # The interpreter is part of it: another minor version of Python needs other wheels.
    fingerprint = hashlib.sha256(json.dumps([sys.version_info[:2], wanted]).encode()).hexdigest()
    current = STAMP.read_text(encoding="utf-8").strip() if STAMP.exists() else ""
    if current != fingerprint or call(python(), "-c", "") != 0:
        if not python().exists() or call(python(), "-m", "pip", "--version", quiet=True) != 0:
            print(f"Making {VENV.name} …", flush=True)
            venv.create(VENV, with_pip=True, clear=VENV.exists())
        print(f"Installing {len(wanted)} packages and what they need …", flush=True)
        pip = [str(python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--prefer-binary"]
        if call(*pip, "--no-compile", *wanted, environment={"PIP_ROOT_USER_ACTION": "ignore"}) != 0:
            sys.exit("The packages could not be installed; the lines above say why. Then run this command again.")
        STAMP.write_text(fingerprint, encoding="utf-8")
    compile_catalogues()


def requirements() -> list[str]:
    """The pinned dependencies of the program and of its development, from pyproject.toml."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    return [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]


def compile_catalogues() -> None:
    """Compile the translations that are newer than what was compiled from them."""
    for source in (ROOT / "resources" / "locale").glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            if call(python(), "installer/catalogues.py", "compile") != 0:
                sys.exit("The translations could not be compiled.")
            return


def system_packages() -> None:
    """Install the system libraries that are missing, as root on Debian and its kin; elsewhere name them."""
    missing = missing_system_packages()
    if not missing:
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        print(f"Installing system packages: {' '.join(missing)}", flush=True)
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        call("apt-get", "update", "-qq", environment=quiet)
        call("apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing, environment=quiet)
        missing = missing_system_packages()
    if missing:
        print("Missing on this system (names as on Debian and Ubuntu):", " ".join(missing))
        print("Install them with your package manager, e.g.: sudo apt-get install", " ".join(missing), flush=True)


def missing_system_packages() -> list[str]:
    """The Debian names of what Qt, the tests and PyInstaller need from a Linux system and do not find."""
    if not LINUX:
        return []
    missing = [package for library, package in SYSTEM_LIBRARIES.items() if not loads(library)]
    if not any(any(Path(folder).expanduser().rglob("*.[to]tf")) for folder in FONT_FOLDERS):
        missing.append("fonts-dejavu-core")
    if not shutil.which("objdump"):
        missing.append("binutils")
    if importlib.util.find_spec("ensurepip") is None and not python().exists():
        missing.append("python3-venv")
    return missing


def loads(library: str) -> bool:
    """Whether the system's loader finds a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def run(arguments: list[str]) -> int:
    """Start the program."""
    shown = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if LINUX and not shown and not is_command(arguments):
        print("This computer has no display, so the window cannot be shown.")
        print("With Xvfb (package xvfb) it gets one that nobody sees: xvfb-run -a python3 installer/dev.py run")
        return 1
    try:
        return call(python(), "main.py", *arguments)
    except KeyboardInterrupt:
        return 130


def check() -> int:
    """Everything that can be said about the code without running the program."""
    sources = ["main.py", "crm_desktop", "ui", "installer", "tests", "benchmarks"]
    sources = [name for name in sources if (ROOT / name).exists()]
    pytest = ["pytest", "-q", "--no-header", "-p", "no:randomly"]
    steps = {
        "types": ["mypy", "--no-error-summary"],
        "architecture": [*pytest, "tests/architecture", "--ignore=tests/architecture/test_catalogues.py"],
        "translations": [*pytest, "tests/architecture/test_catalogues.py"],
        "lint": ["ruff", "check", "--quiet", *sources],
        "format": ["ruff", "format", "--check", "--quiet", *sources],
    }
    with ThreadPoolExecutor(3) as side_by_side:  # the three long ones
        return int(not all(side_by_side.map(passes, steps, steps.values())))


def passes(name: str, command: list[str]) -> bool:
    """Run one of the checks and tell how it went."""
    started = time.monotonic()
    done = subprocess.run(
        [str(python()), "-m", *command], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", errors="replace",
    )  # fmt: skip
    failed = done.returncode != 0
    took = f"{'FAILED' if failed else 'ok':>6}  {name} ({time.monotonic() - started:.0f} s)"
    print(f"{done.stdout if failed else ''}{took}", flush=True)
    return not failed


def test(arguments: list[str]) -> int:
    """The checks and all tests, on both database engines."""
    checked = check()
    once = [] if arguments else ["--ignore=tests/architecture"]  # these ran in the checks
    # a test process that has done its half takes over tests of the other one
    workers = ["-n", "2", "--dist", "worksteal"]
    command = [str(python()), "-m", "pytest", *workers, "--durations=30", "--durations-min=3", *once, *arguments]
    closing = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="replace") as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if re.search(r"\b(passed|failed|errors?|no tests ran)\b.* in [\d.]+s", line):
                closing = line.strip()
    if checked:
        print("The tests ran, but the checks before them failed; see above.")
    print(closing or "pytest ended without its closing line.", flush=True)
    return process.returncode or checked


def build() -> int:
    """Pack the program into dist/crm-desktop, then run what was packed: its self-test and its window."""
    command = ["PyInstaller", "installer/crm_desktop.spec", "--noconfirm", "--log-level", "ERROR"]
    if call(python(), "-m", *command, "--distpath", "dist", "--workpath", "build") != 0:
        return 1
    suffix = ".exe" if WINDOWS else ""
    size = sum(path.stat().st_size for path in BUILT.rglob("*") if path.is_file() and not path.is_symlink())
    print(f"Packed {BUILT.relative_to(ROOT)} ({size / 1e6:.0f} MB)", flush=True)
    with tempfile.TemporaryDirectory(prefix="crm-built-") as folder:
        if call(BUILT / f"crm-desktop-cli{suffix}", "self-test", environment=packed_environment(folder)) != 0:
            print("The packed program failed its self-test.")
            return 1
    with tempfile.TemporaryDirectory(prefix="crm-built-", ignore_cleanup_errors=True) as folder:
        return start_window(BUILT / f"crm-desktop{suffix}", folder)


def packed_environment(data: str) -> dict[str, str]:
    """An environment in which the packed program finds nothing of this checkout and shows no window."""
    return {"CRM_DATA": data, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": "", "VIRTUAL_ENV": ""}


def start_window(program: Path, data: str, seconds: float = 8.0) -> int:
    """Start the packed window without a screen; it must still be there after ``seconds`` and log no error."""
    output = Path(data) / "output.txt"
    with output.open("w", encoding="utf-8") as file:
        environment = {**os.environ, **packed_environment(data)}
        process = subprocess.Popen([str(program)], stdout=file, stderr=subprocess.STDOUT, env=environment, cwd=data)
        try:
            code: int | None = process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
            process.terminate()
            process.wait(20)
    texts = [
        path.read_text(encoding="utf-8", errors="replace")
        for path in (output, Path(data) / "crm-desktop.log")
        if path.exists()
    ]
    said = "\n".join(texts)
    if code is not None or re.search(r"Traceback|\bERROR\b|\bCRITICAL\b", said):
        print(said)
        print(f"The packed window {'ended by itself' if code is not None else 'logged errors'}.")
        return 1
    print(f"The packed window started and stayed open for {seconds:.0f} seconds.", flush=True)
    return 0


def python() -> Path:
    """The interpreter of the virtual environment."""
    return VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")


def call(*command: str | Path, environment: dict[str, str] | None = None, quiet: bool = False) -> int:
    """Run a command with its output on the terminal; returns its exit code, 127 where there is no such program."""
    sink = subprocess.DEVNULL if quiet else None
    sys.stdout.flush()
    try:
        words = [str(word) for word in command]
        variables = {**os.environ, **(environment or {})}
        return subprocess.run(words, env=variables, check=False, stdout=sink, stderr=sink).returncode
    except FileNotFoundError:
        return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
