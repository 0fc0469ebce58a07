"""What a person typed, and whether it can be computed on.

    >>> checked(Example("sentiment", "A quiet triumph."))
    Example(task='sentiment', text='A quiet triumph.', text_pair=None)

Limits are held here and not in widgets, because a widget's limit lives in the browser, where anybody can go past it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from analysis.errors import AnalysisError
from analysis.inputs.tasks import MASK, task_named
from analysis.inputs.words import half_pair, is_visible, words_of
from analysis.settings import settings

TYPED_MASK = re.compile(r"[\[<{(]\s*mask\s*[\])}>]|__+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Example:
    """A task and the text(s) it reads. Strings only, so it serves as a cache key and as a URL."""

    task: str
    text: str
    text_pair: str | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The one or two texts, in the order in which the models read them."""
        return (self.text,) if self.text_pair is None else (self.text, self.text_pair)


def checked(example: Example, limit: int | None = None) -> Example:
    """The example as the models will read it, or an `AnalysisError` that says in one sentence what is wrong.

    A second text is dropped where the task reads one text only. `limit` is in characters for each field.
    """
    task = task_named(example.task)
    limit = limit or settings().characters  # a tokenizer's work, not a model's, is bounded by it
    texts = (example.text, example.text_pair or "")[: len(task.fields)]
    for name, text in zip(task.fields, texts, strict=True):
        check_text(name, text, limit)
    if task.needs_mask and MASK not in example.text:
        raise AnalysisError(f"The text has no {MASK}; put one where a word is to be guessed.")
    return Example(example.task, texts[0], texts[1] if len(texts) == 2 else None)


def check_text(name: str, text: str, limit: int) -> None:
    """Raises `AnalysisError` where the text of the field of that name is too long, no Unicode, or empty."""
    if len(text) > limit:
        raise AnalysisError(f"The field “{name}” has {len(text):,} characters; at most {limit:,} are read here.")
    if half := half_pair(text):
        raise AnalysisError(
            f"Character {half} of the field “{name}” is half of a surrogate pair, no valid Unicode; delete it."
        )
    if not any(map(is_visible, text)):
        raise AnalysisError(f"The field “{name}” is empty; type a text or choose an example.")


def has_typed_mask(text: str) -> bool:
    """Whether something stands in the text that is a [MASK] elsewhere: <mask>, [mask], ___."""
    return TYPED_MASK.search(text) is not None


def with_mask(text: str) -> str:
    """The text with a [MASK] for what was typed for one, else in place of its last word.

    >>> with_mask("<mask> is the capital of ___."), with_mask("Paris is the capital of France.")
    ('[MASK] is the capital of [MASK].', 'Paris is the capital of [MASK].')
    """
    if MASK not in text and has_typed_mask(text):
        return TYPED_MASK.sub(MASK, text)
    last = next((word for word in reversed(words_of(text)) if any(c.isalnum() for c in word.text)), None)
    return f"{text} {MASK}".strip() if last is None else f"{text[: last.start]}{MASK}{text[last.end :]}"
