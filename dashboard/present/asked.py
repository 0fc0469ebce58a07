"""What a step asks: the question, and what is chosen, as its page would read them from the address."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example, checked
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import PAIRS, Pair, Sides, own_pair
from analysis.settings import settings
from analysis.tables import check_known
from dashboard import links
from dashboard.address_keys import KEYS, LONG, name_of, slug, value_of
from dashboard.frame import Question
from dashboard.present.findings import FINDINGS
from dashboard.present.walkthrough import Step
from dashboard.report.finding import FindingRequest

OWN = "own"


def finding_of(step: Step) -> str:
    """What the step says in numbers, "" if it says none. Raises `AnalysisError` where there are none to be had."""
    return FINDINGS[step.finding](request_of(step)) if step.finding else ""


def request_of(step: Step) -> FindingRequest:
    """The question of a step with all that is chosen. Raises `AnalysisError` for what cannot be asked."""
    values = chosen(step)
    task = slug(values.get("task", next(iter(TASKS))))
    check_known(TASKS, task, "task")
    first = TASKS[task].samples[0]
    text = values.get("text", first.text)
    text_pair = values.get("text_pair", first.text_pair or "") if len(TASKS[task].fields) > 1 else None
    return FindingRequest(Question(_pair(values, task), checked(Example(task, text, text_pair))), values, ())


def chosen(step: Step) -> dict[str, str]:
    """All that the address of a step chooses, by the keys of the session."""
    query = step.query
    values = {key: value for key in KEYS if (value := value_of(key, query)) is not None}
    try:
        packed = {key: links.unpacked(query[name][0]) for key in LONG if (name := name_of(key) + links.PACKED) in query}
    except ValueError as error:
        raise AnalysisError(f"The text of the step “{step.title}” is damaged: add the view again.") from error
    return values | packed


def _pair(values: Mapping[str, str], task: str) -> Pair:
    name = slug(values.get("pair", next(iter(PAIRS))))
    if name != OWN or settings().hosted:
        check_known(PAIRS, name, "pair")
        return PAIRS[name]
    sources = (values.get("teacher", ""), values.get("student", ""))
    labels = Sides(values.get("teacher_labels", ""), values.get("student_labels", ""))
    return own_pair(task, *sources, labels, values.get("unanswerable") == "true")
