"""Where Chromium is. Run as a script, prints its path or, where there is none, how to get one."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = (
    f"No Chromium was found (looked for {', '.join(NAMES)} and Playwright's own): install one with "
    "“apt-get install chromium” or “.venv/bin/python -m playwright install chromium”, or name one in CHROMIUM."
)


def find_chromium() -> Path | None:
    """The one that the variable CHROMIUM names, else one on the path, else the one that Playwright installed."""
    if named := os.environ.get("CHROMIUM"):
        return Path(named) if shutil.which(named) else None
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.is_file() else None


if __name__ == "__main__":
    print(find_chromium() or sys.exit(MISSING))
