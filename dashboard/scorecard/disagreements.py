"""The shipped examples that the two answer differently, with who is right; a click opens one on Predictions."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from analysis.claims.claim import Result
from analysis.claims.judging import measurement_text
from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.predictions.comparison import compare
from analysis.predictions.disagreements import BOTH, NEITHER, OPEN, STUDENT, TEACHER, Disagreement
from analysis.progress import silent
from cache.predictions import all_samples_ship, sample_disagreements
from dashboard import address
from dashboard.bench.examples import take_over
from dashboard.frame import Question, answers
from dashboard.page_links import script_of
from dashboard.ui import markup
from dashboard.ui.markup import element, escaped
from dashboard.ui.progress import progress_bar
from dashboard.ui.theme import NAMES

ALL = "all"
RIGHT = {
    TEACHER: "teacher right",
    STUDENT: "student right",
    NEITHER: "both wrong",
    BOTH: "both right",
    OPEN: "no single answer",
}
COMPARED = "compared"  # in the session and the address: whether a pair that ships no answers is asked
RANDOM = "With random weights the answers mean nothing, so there is nothing to list."
HOW_LISTED = (
    "The largest Jensen–Shannon divergence of the two predictions comes first: 0 bits if they are identical, 1 if they "
    "have nothing in common. Right is what a person would answer; some texts have no single answer."
)
WIDTHS = (4, 9, 6, 6, 4)
STYLE = """<style>
.st-key-disagreements { gap: 0; }
.st-key-disagreements [data-testid="stHorizontalBlock"] { align-items: center; position: relative; padding: 0.3rem 0;
  border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
.st-key-disagreements [data-testid="stHorizontalBlock"]:hover
  { background: color-mix(in srgb, currentColor 5%, transparent); }
.st-key-disagreements [data-testid="stVerticalBlock"] { gap: 0.1rem; }
.st-key-disagreements [data-testid="stElementContainer"] { position: static; }
.st-key-disagreements button::after { content: ""; position: absolute; inset: 0; }  /* a click anywhere in the row */
.dl-example { line-height: 1.35; overflow-wrap: anywhere; unicode-bidi: plaintext; }
.dl-example.dl-teacher, .dl-example.dl-student { border-left: 4px solid var(--dl-side); padding-left: 0.4rem; }
</style>"""


def where_they_disagree(question: Question, same: Result) -> None:
    """The list and its filter: at once if the answers ship with the pair, else on request; none of random weights."""
    st.subheader("Where they disagree")
    if not question.pair.trained:
        st.html(markup.note(RANDOM))
        return
    comparison = compare(answers(question))
    if comparison.agree is None:
        st.html(markup.note(comparison.sentence))
        return
    found = _found(question)
    if found is None:
        return
    st.html(STYLE)
    st.html(element("p", "", escaped(_chosen(len(found), len(TASKS[question.example.task].samples), same))))
    shown = _of_one_kind(found)
    with st.container(key="disagreements"):
        for one in shown:
            _row(question.example.task, one)
    if not shown:
        st.html(markup.note("No example is of this kind for this pair."))


def _found(question: Question) -> tuple[Disagreement, ...] | None:
    """The disagreements on all examples; a button instead while that needs models that were not asked yet."""
    sides, task = question.sides, question.example.task
    if all_samples_ship(sides, task):
        return sample_disagreements(sides, task, silent)
    if not st.session_state[address.keep(COMPARED, False, address.FLAG)]:
        count = len(TASKS[task].samples)
        st.button(f"Ask both models about all {count} examples", on_click=_compare)
        st.caption("Takes a few seconds: the answers of this pair do not ship with it.")
        return None
    with progress_bar("Asking both models about every example …") as progress:
        return sample_disagreements(sides, task, progress)


def _compare() -> None:
    st.session_state[COMPARED] = True


def _chosen(count: int, of: int, same: Result) -> str:
    """How the examples were chosen, and beside it how often the two agree where nobody chose."""
    chosen = f"The two disagree on {count} of the {of} examples, which were chosen to show differences."
    if same.measured is None:
        return f"{chosen} {same.reason}"
    share = measurement_text(same.measured, same.definition.unit)
    return f"{chosen} On the test set they give the same answer for {share} {same.measured.detail.partition(';')[0]}."


def _of_one_kind(found: tuple[Disagreement, ...]) -> tuple[Disagreement, ...]:
    """The disagreements by who is right, to choose one kind of; all unless one is chosen."""
    counted = Counter(one.right for one in found)
    titles = {ALL: f"{ALL} {len(found)}", **{right: f"{title} {counted[right]}" for right, title in RIGHT.items()}}
    choice = address.Choice(titles, "right", title=titles.__getitem__)
    chosen = choice.draw(st.pills, "Who is right", required=True, help=HOW_LISTED)
    return tuple(one for one in found if chosen in (ALL, one.right))


def _row(task: str, one: Disagreement) -> None:
    """One example with both answers; a click on it asks it and goes to Predictions."""
    sample = one.sample
    name, text, teacher, student, right = st.columns(WIDTHS)
    example = Example(task, sample.text, sample.text_pair)
    if name.button(sample.title, key=f"open {sample.title}", type="tertiary", on_click=take_over, args=(example,)):
        st.switch_page(script_of("Predictions"))
    text.html("".join(element("div", "dl-example", escaped(each)) for each in example.texts))
    for column, (side, title), answer in zip((teacher, student), NAMES.items(), one.answers, strict=True):
        column.html(
            element(
                "div",
                f"dl-example dl-{side}",
                element("div", "dl-small", escaped(title)),
                element("b", "", escaped(answer)),
            )
        )
    distance = "" if one.divergence is None else element("div", "dl-small", f"{one.divergence:.2f} bits")
    right.html(element("div", "dl-example", escaped(RIGHT[one.right]), distance))
