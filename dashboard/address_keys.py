"""The keys of the address and their names in older links: the only place that knows them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

# Key in the session -> key in the address, and what older links call it.
KEYS: dict[str, tuple[str, ...]] = {
    "pair": ("pair",),
    "task": ("task",),
    "teacher": ("teacher",),
    "student": ("student",),
    "text": ("text",),
    "text_pair": ("text-pair", "text_pair"),
    "edits": ("edits",),
    "picture": ("picture",),
    "attention_tab": ("tab", "part"),
    "unit": ("unit",),
    "added": ("added",),
    "order": ("order",),
    "teacher_head": ("teacher-head", "teacher_head"),
    "student_head": ("student-head", "student_head"),
    "matched_on": ("matched-on", "matched_on"),
    "matched_with": ("matched-with", "matched_with"),
    "across": ("across",),
    "upward": ("upward",),
    "way": ("way",),
    "beside": ("beside",),
    "sweep": ("sweep",),
    "bertviz": ("bertviz",),
    "similarity_tab": ("tab",),
    "on": ("on",),
    "lines": ("lines",),
    "granularity": ("granularity", "similarity_unit"),
    "special": ("special",),
    "measure": ("measure",),
    "teacher_layer": ("teacher-layer",),
    "student_layer": ("student-layer",),
    "lens_mask": ("lens-mask",),
    "attribution_tab": ("tab", "attribution_part"),
    "target": ("target",),
    "target_mask": ("target-mask", "target_mask"),
    "target_piece": ("target-piece", "target_piece"),
    "target_type": ("target-type", "target_type"),
    "target_from": ("target-from", "target_from"),
    "target_to": ("target-to", "target_to"),
    "answer_part": ("answer-part", "answer_part"),
    "rather": ("rather",),
    "rather_mask": ("rather-mask", "rather_mask"),
    "rather_piece": ("rather-piece", "rather_piece"),
    "method": ("method",),
    "baseline": ("baseline",),
    "erased": ("erased",),
    "graded": ("graded",),
    "steady": ("steady",),
    "latency_tab": ("tab", "latency_part"),
    "latency_what": ("measured", "latency_what"),
    "latency_tokens": ("tokens", "latency_tokens"),
    "latency_batch": ("batch", "latency_batch"),
    "latency_threads": ("threads", "latency_threads"),
    "latency_attention": ("attention", "latency_attention"),
    "latency_precision": ("precision", "latency_precision"),
    "latency_device": ("device", "latency_device"),
    "latency_rounds": ("rounds", "latency_rounds"),
}

# Names in older links of what is called otherwise now.
RENAMED = {
    "attention_tab": {"to-the-answer": "attention-flow", "switch-off": "ablate-heads"},
    "similarity_tab": {"where-words-go": "word-drift"},
}

# The tabs of all pages stand in the address side by side, so it must be known which name is of which.
TABS: dict[str, tuple[str, ...]] = {
    "attention_tab": ("head-matching", "what-heads-do", "attention-flow", "ablate-heads", "bertviz"),
    "similarity_tab": ("layer-by-layer", "within-each-model", "word-drift", "logit-lens", "fine-tuning"),
    "attribution_tab": ("words", "edit-a-word", "layers", "faithfulness", "baselines"),
    "latency_tab": ("profile", "where-the-time-goes", "cost", "quality-per-millisecond"),
}

# Choices that a reader may write at length.
LONG = ("text", "text_pair", "lines", "edits")

# Key in the session of what no address can hold -> what it is, for the reader.
NOT_IN_LINKS = {"lines_file": "the uploaded file (paste its sentences instead)"}


def slug(option: object) -> str:
    """An option's name in the address: its letters and digits in lower case, joined by hyphens."""
    return re.sub(r"[^a-z0-9.]+", "-", str(option).lower()).strip("-")


def value_of(key: str, query: Mapping[str, Sequence[str]]) -> str | None:
    """What the address says of a choice, under its key or an older one."""
    said = [value for name in KEYS[key] for value in query.get(name, ())]
    if key in TABS:
        said = [value for value in said if _page_of(value) in (key, None)]
    return said[0] if said else None


def _page_of(tab: str) -> str | None:
    """The key of the tabs of which this is one, also by an older name."""
    for key, names in TABS.items():
        if RENAMED.get(key, {}).get(slug(tab), slug(tab)) in names:
            return key
    return None
