"""What a checkpoint's name, card and configuration tell of its training: whether each question had an answer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from analysis.models.hub import CARD, CONFIG

CARD_HEAD = 20_000  # characters, of a card that begins with its metadata
METADATA = re.compile(r"---\r?\n(.*?)\r?\n---", re.DOTALL)
DATASETS = re.compile(r"^datasets:(.*(?:\n[ \t-].*)*)", re.MULTILINE)  # one in the line, or a list below it
SQUAD_2 = re.compile(r"squad[-_. ]?v?2(?!\d)", re.IGNORECASE)
WITH_NEGATIVE = "version_2_with_negative"  # as the training scripts of transformers call it
TOLD_BY = ("finetuning_task", "_name_or_path")  # settings in which training scripts leave a name


def says_unanswerable(source: str, folder: Path | None = None) -> bool:
    """Whether a checkpoint was trained on SQuAD 2.0, as its name, or the card or the configuration in its folder tells.

    The data sets that the card names decide; a card that names none tells by what else it says of the model.
    """
    return bool(SQUAD_2.search(Path(source.partition("@")[0]).name)) or (
        folder is not None and (_card_tells(folder / CARD) or _settings_tell(folder / CONFIG))
    )


def _card_tells(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as card:
            metadata = METADATA.match(card.read(CARD_HEAD))
    except (OSError, ValueError):  # no card, or a name that no file can have
        return False
    if metadata is None:
        return False
    datasets = DATASETS.search(metadata[1])
    return bool(SQUAD_2.search(datasets[1] if datasets else metadata[1]))


def _settings_tell(path: Path) -> bool:
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # what is wrong with it is said when the model is read
        return False
    if not isinstance(settings, dict):
        return False
    named = [settings.get(key) for key in TOLD_BY]
    own = settings.get("task_specific_params")
    tables: list[Any] = [settings, *(own.values() if isinstance(own, dict) else ())]
    return any(isinstance(name, str) and SQUAD_2.search(name.rpartition("/")[2]) for name in named) or any(
        isinstance(table, dict) and table.get(WITH_NEGATIVE) is True for table in tables
    )
