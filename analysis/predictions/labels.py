"""Labels by what they mean: two checkpoints may spell one label in two ways, and have them in two orders."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Words of labels that mean the same, each with the one that is compared.
SYNONYMS = {
    "neg": "negative",
    "pos": "positive",
    "neu": "neutral",
    "contradict": "contradiction",
    "contradicts": "contradiction",
    "contradictory": "contradiction",
    "entail": "entailment",
    "entails": "entailment",
    "entailed": "entailment",
    "person": "per",
    "pers": "per",
    "location": "loc",
    "organization": "org",
    "organisation": "org",
    "miscellaneous": "misc",
}
NUMBERED = re.compile(r"(?:label|class)?[ _-]*\d+", re.IGNORECASE)  # a name that says nothing


def key_of(label: str) -> str:
    """What a label is compared by: without case and signs, and synonyms as one.

    >>> key_of("POS"), key_of("Not_Entailed"), key_of("B-PERSON"), key_of("!")
    ('positive', 'not entailment', 'b per', '!')
    """
    words = re.findall(r"[^\W_]+", label.casefold())
    return " ".join(SYNONYMS.get(word, word) for word in words) or label


def keys_of(labels: Sequence[str]) -> tuple[str, ...]:
    """What a model's labels are compared by: as they are where two of them would otherwise be one."""
    keys = tuple(map(key_of, labels))
    return keys if len(set(keys)) == len(keys) else tuple(labels)


def index_of(label: str, labels: Sequence[str]) -> int | None:
    """The number of a label among a model's, spelt as it is or as the model spells it; None if it has none such."""
    if label in labels:
        return labels.index(label)
    keys = keys_of(labels)
    return keys.index(key_of(label)) if key_of(label) in keys else None
