"""Draw every page from the sample office into a folder: for the guide, and to look at before a screen is called done.

.venv/bin/python installer/pictures.py docs/pictures                       # the pictures of the guide
.venv/bin/python installer/pictures.py /tmp/pictures --language pt_BR --theme dark --size 1024x700
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description="Draw every page from the sample office.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", default="en")
    parser.add_argument("--theme", default="light", choices=("light", "dark"))
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--pages", default="", help="only these, with commas between")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="crm-pictures-") as data:
        os.environ["CRM_DATA"] = data
        draw(chosen, Path(data))


def draw(chosen: argparse.Namespace, data: Path) -> None:
    """Open the sample office and grab its pages."""
    from crm_desktop import app  # lazy: after CRM_DATA is set
    from crm_desktop.demo.make import make_demo  # lazy: as above
    from installer.picture_scenes import SCENES  # lazy: as above
    from ui.app import Application, make_application  # lazy: as above
    from ui.framework import settings, tasks  # lazy: as above

    settings.THEME.set(chosen.theme)
    settings.LANGUAGE.set(chosen.language)
    database = app.open_database(data / "demo.crm")
    make_demo(database)
    database.close()
    qt = make_application()
    application = Application(qt)
    width, height = (int(part) for part in chosen.size.split("x"))

    def grab(name: str, widget: Any = None) -> None:
        for _ in range(5):
            tasks.wait_idle(20)
            qt.processEvents()
        window: Any = widget or application.window
        window.grab().save(str(chosen.folder / f"{name}.png"))
        print(name)

    wanted = [name for name in chosen.pages.split(",") if name]
    if not wanted or "first-start" in wanted:
        application.show_first_start()
        application.window.resize(width, height)  # type: ignore[union-attr]
        grab("first-start")
    application.start(str(data / "demo.crm"), demo=False)
    window: Any = application.window
    window.resize(width, height)
    for spec in window.palette_pages():
        if wanted and spec.name not in wanted:
            continue
        window.open_page(spec.name)
        grab(spec.name)
    if not wanted or "report" in wanted:
        window.open_page("reports", report="pipeline")
        grab("report")
    for name, scene in SCENES.items():
        if not wanted or name in wanted:
            scene(window, grab)
    window.close()
    tasks.shutdown()


if __name__ == "__main__":
    main()
