"""What every folder of published weights has in common: small files that everyone may read, and a licence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

LARGEST_FILE = 16_000_000  # bytes


def rewrite(path: Path, **changed: Any) -> None:
    """Change these entries of a JSON file."""
    record = json.loads(path.read_text(encoding="utf-8")) | changed
    path.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def check_files(folder: Path) -> None:
    """Let everyone read the files; raise `ValueError` where one is larger than the repository takes."""
    for path in folder.iterdir():
        path.chmod(0o644)
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError(f"{path} has {path.stat().st_size:,} bytes; at most {LARGEST_FILE:,} are allowed.")


def copy_licence(origin: Path, folder: Path) -> None:
    """Copy the licence that lies beside the weights of `origin`, if one does: it travels with what is made of them."""
    for licence in origin.glob("LICENSE*"):
        shutil.copyfile(licence, folder / licence.name)
