"""One sentence that the two answer differently, its words tinted for both, and who is right."""

from __future__ import annotations

import streamlit as st

from analysis.attribution.methods import Attribution
from analysis.inputs.examples import Example
from analysis.predictions.comparison import compare
from analysis.predictions.correctness import verdict
from cache import start
from dashboard.attribution.tinted_text import tinted
from dashboard.bench.examples import sample_of
from dashboard.frame import Question, answers
from dashboard.start.opening import ask, link_to
from dashboard.ui import markup
from dashboard.ui.theme import names_of

HEADLINE = "Half the layers. The same answers?"
ABOUT = (
    "DistilBERT is BERT made smaller: trained to imitate it with half of its layers. This small pair was made the same "
    "way, and both have read the same sentence."
)
TINTS = (
    "Green words with a solid line speak for the model's own answer, purple ones with a dashed line against it. The "
    "stronger the tint, the larger the word's share of the change of the model's score from a text of [MASK]s to this "
    "one, on one scale for both models (integrated gradients; “Why?” says more)."
)
OWN = "Try your own sentence"


def hero(question: Question) -> None:
    """The headline, the sentence as either model reads it with its answer, the verdict, and two ways on."""
    st.html(markup.element("h1", "dl-headline", markup.escaped(HEADLINE)))
    st.html(markup.element("p", "dl-lead", markup.escaped(ABOUT)))
    st.html(_both(question), width="stretch")
    st.caption("Tinted by what each word adds to the model's own answer.", help=TINTS)
    with st.container(horizontal=True, vertical_alignment="center", key="ways"):
        st.html(markup.element("p", "dl-verdict-line", markup.escaped(_verdict(question))), width="content")
        link_to("attributions", "Why?", question.example)
        _own_sentence(question.example.task)


def _both(question: Question) -> str:
    """A row per model: its name, the text with its words tinted, its answer."""
    own = start.own_attributions(question.sides, question.example)
    largest = max(float(abs(attribution.shares).max()) for attribution in own)
    rows = [
        _row(question, side, own[side], prediction.summary, largest) for side, prediction in answers(question).items()
    ]
    return markup.element("div", "dl-hero", *rows)


def _row(question: Question, side: str, attribution: Attribution, answer: str, largest: float) -> str:
    places = [(word,) for word in attribution.words]
    return markup.element(
        "div",
        f"dl-reading dl-{side}",
        markup.element("span", "dl-who", markup.escaped(names_of(question.sides)[side])),
        tinted(question.example, places, attribution.shares.tolist(), largest, side),
        markup.element("b", "dl-answer", markup.escaped(answer)),
    )


def _verdict(question: Question) -> str:
    """Whether they say the same and, if the sentence has a right answer, who has it."""
    predictions, sample = answers(question), sample_of(question.example)
    comparison = compare(predictions)
    said = {True: "They agree.", False: "They disagree.", None: comparison.sentence}[comparison.agree]
    return " ".join(filter(None, (said, verdict(predictions, sample) if sample else None)))


def _own_sentence(task: str) -> None:
    """A field in which Enter asks; the answers are on another page."""
    sentence = st.text_input(OWN, key="own_sentence", placeholder=f"{OWN} …", label_visibility="collapsed")
    if sentence.strip():
        ask(Example(task, sentence))
