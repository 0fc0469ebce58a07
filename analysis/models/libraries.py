"""torch and transformers, imported once and by one thread.

Both are full of circular imports, and transformers looks its classes up when they are first asked for: two threads that
import them at once find modules that are half there.
"""

from __future__ import annotations

import importlib
import threading

from analysis.models.families import FAMILIES

_one_thread = threading.Lock()


def import_libraries() -> None:
    """Imports torch, transformers with the classes of all families, and peft; whoever comes meanwhile waits."""
    with _one_thread:
        importlib.import_module("torch")
        transformers = importlib.import_module("transformers")
        for family in FAMILIES.values():
            for name in ("Config", "Model"):
                getattr(transformers, family.classes + name)
        for name in ("AutoTokenizer", "PreTrainedTokenizerFast"):
            getattr(transformers, name)
        importlib.import_module("peft")
