"""Six examples of all tasks on which the two part most, and how often they do not."""

from __future__ import annotations

import streamlit as st

from analysis.distillation.metrics import noun_of
from analysis.distillation.record import Experiment
from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import Pair
from analysis.predictions.disagreements import Disagreement, widest
from cache import start
from dashboard.start.opening import link_to
from dashboard.start.three_numbers import agreements, percent
from dashboard.ui import markup
from dashboard.ui.theme import OF_PUBLISHED

CARDS, OF_A_TASK = 6, 2


def disagreement_cards(pair: Pair, experiment: Experiment, shown: Example) -> None:
    """The cards, without the example that is shown already, after a sentence on how they were chosen."""
    found = start.disagreements(pair)
    st.html(markup.element("h2", "dl-part-of-start", "Where they disagree"))
    st.html(markup.note(_chosen(pair, found, experiment)))
    cards = widest((each for each in found if each.example != shown), CARDS, OF_A_TASK)
    with st.container(key="cards"):
        for number, card in enumerate(cards):
            with st.container(key=f"card_{number}", border=True, gap="small"):
                _card(card)


def _chosen(pair: Pair, found: tuple[Disagreement, ...], experiment: Experiment) -> str:
    """That the cards show the exception, and what the rule is."""
    examples = sum(len(TASKS[task].samples) for task in pair.checkpoints)
    *_, least = rows = agreements(experiment)
    return (
        f"These were chosen because the two disagree, which they do on {len(found)} of the {examples} examples here. "
        f"On test texts that nobody chose they give the same answer in {percent(least.value)} "
        f"({noun_of(least.task)}) to {percent(rows[0].value)} ({noun_of(rows[0].task)}) of all cases."
    )


def _card(card: Disagreement) -> None:
    link_to("predictions", f"{TASKS[card.example.task].title}: {card.sample.title}", card.example)
    texts = [markup.element("p", "dl-text", markup.escaped(text)) for text in card.example.texts]
    answers = [
        markup.element(
            "p",
            f"dl-said dl-{side}",
            markup.element("span", "dl-who", markup.escaped(OF_PUBLISHED[side])),
            markup.element("b", "dl-answer", markup.escaped(answer)),
        )
        for side, answer in card.answers.items()
    ]
    verdict = markup.element("p", "dl-small", markup.escaped(card.verdict or "People could differ here."))
    st.html("".join([*texts, *answers, verdict]))
