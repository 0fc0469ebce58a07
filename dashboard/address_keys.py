"""The keys of the address and their names in older links: the only place that knows them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

# Every choice that stands in the address, by its key in the session, page by page.
KEYS = (
    *("pair", "task", "teacher", "student", "teacher_labels", "student_labels", "unanswerable"),
    *("text", "text_pair", "own_word"),
    *("attention_tab", "word", "unit", "added", "order", "teacher_head", "student_head"),
    *("matched_on", "matched_with"),
    *("across", "upward", "way", "beside", "sweep", "bertviz"),
    *("similarity_tab", "on", "lines", "granularity", "special", "measure"),
    *("teacher_layer", "student_layer", "lens_mask"),
    *("attribution_tab", "method", "baseline", "erased", "graded", "steady", "edits"),
    *("target", "target_mask", "target_piece", "target_type", "target_from", "target_to", "answer_part"),
    *("rather", "rather_mask", "rather_piece"),
    *("latency_tab", "latency_what", "latency_tokens", "latency_batch", "latency_threads", "latency_attention"),
    *("latency_precision", "latency_device", "latency_rounds"),
    *("verdict", "right", "compared"),
    "distillation_tab",
    "runs",  # the ids of the measurements that are shown
)

# Its name in the address, if that is not the key with hyphens; latency's choices are called what they are.
IN_ADDRESS = {
    **{key: "tab" for key in KEYS if key.endswith("_tab")},
    **{key: key.removeprefix("latency_") for key in KEYS if key.startswith("latency_") and key != "latency_tab"},
    "latency_what": "measured",
}

# What older links call it, if that is not the key itself.
OLDER = {
    "attention_tab": "part",
    "attribution_tab": "attribution_part",
    "latency_tab": "latency_part",
    "granularity": "similarity_unit",
}

# Names in older links of what is called otherwise now.
RENAMED = {
    "attention_tab": {"to-the-answer": "attention-flow", "switch-off": "ablate-heads"},
    "similarity_tab": {"where-words-go": "word-drift"},
}

# The tabs of all pages stand in the address side by side, so it must be known which name is of which.
TABS: dict[str, tuple[str, ...]] = {
    "attention_tab": (
        *("all-heads", "compare-two-heads", "head-matching", "what-heads-do", "attention-flow", "ablate-heads"),
        "bertviz",
    ),
    "similarity_tab": ("layer-by-layer", "within-each-model", "word-drift", "logit-lens", "fine-tuning"),
    "attribution_tab": ("words", "edit-a-word", "layers", "faithfulness", "baselines"),
    "latency_tab": ("profile", "where-the-time-goes", "cost", "quality-per-millisecond"),
    "distillation_tab": ("what-was-kept", "scores", "same-answers", "training", "recipe-and-limits"),
}

# In older links a page had no tabs where it has some now: what they say of these shows which is meant.
IMPLIED = {"attention_tab": {"matched_on": "head-matching", "matched_with": "head-matching"}}

# Choices that a reader may write at length.
LONG = ("text", "text_pair", "lines", "edits")

# What stands in the address beside the choices while a talk is given: the walkthrough and the step.
PRESENT, STEP = OF_TALK = ("present", "step")

# Key in the session of what no address can hold -> what it is, for the reader.
NOT_IN_LINKS = {"lines_file": "the uploaded file (paste its sentences instead)"}


def slug(option: object) -> str:
    """An option's name in the address: its letters and digits in lower case, joined by hyphens."""
    return re.sub(r"[^a-z0-9.]+", "-", str(option).lower()).strip("-")


def name_of(key: str) -> str:
    """What a choice is called in the address."""
    return IN_ADDRESS.get(key, key.replace("_", "-"))


def value_of(key: str, query: Mapping[str, Sequence[str]]) -> str | None:
    """What the address says of a choice, under its key or an older one."""
    said = [value for name in (name_of(key), OLDER.get(key, key)) for value in query.get(name, ())]
    if key in TABS:
        said = [value for value in said if _page_of(value) in (key, None)]
        said += [tab for implying, tab in IMPLIED.get(key, {}).items() if value_of(implying, query) is not None]
    return said[0] if said else None


def _page_of(tab: str) -> str | None:
    """The key of the tabs of which this is one, also by an older name."""
    for key, names in TABS.items():
        if RENAMED.get(key, {}).get(slug(tab), slug(tab)) in names:
            return key
    return None
