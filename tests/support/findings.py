"""The script of a saved finding, run in this process."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def rerun_in(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("rerun_of_a_finding", folder / "rerun.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
