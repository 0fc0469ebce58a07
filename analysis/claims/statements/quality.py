"""Claims about the student's quality."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.claims.claim import Claim, Definition, Quotation
from analysis.claims.criteria import EPSILON, Criterion, about, above, at_least, no_more_than
from analysis.claims.evidence_from import quality
from analysis.literature import (
    ABSTRACT,
    AUTHORS_CODE,
    GLUE,
    GLUE_SCORES,
    MACRO_SCORE,
    NOISY,
    OVERVIEW,
    PRINTED_MNLI,
    REVIEW,
    kept,
    paper,
)

QUIET = [name for name in GLUE_SCORES if name != NOISY]
HARDEST, *_, EASIEST = sorted(QUIET, key=lambda name: GLUE_SCORES[name].teacher)
WORST = min(GLUE_SCORES, key=lambda name: kept([GLUE_SCORES[name]]))
AS_PRINTED = kept({**GLUE_SCORES, "MNLI": PRINTED_MNLI}.values())
SLIGHT = 3  # per cent: what a share of 97% leaves
RANGE = 3  # the fewest tasks that can be called a range


def _on(names: Iterable[str]) -> float:
    """The share kept on these tasks of GLUE, in per cent."""
    return 100 * kept(GLUE_SCORES[name] for name in names)


def _reported_only(name: str, meaning: str, criterion: Criterion, reported: float) -> Definition:
    """A meaning for which there is a published number and no measurement here."""
    return Definition(name, meaning, quality.elsewhere(name), criterion, "%", reported, "", AUTHORS_CODE)


UNDERSTANDING = Claim(
    "97% of BERT's language understanding",
    (Quotation("retaining 97% of its language understanding capabilities", ABSTRACT),),
    (
        Definition(
            "the mean of all tasks",
            "The student's mean score over the teacher's, as the paper computes it on the nine tests of GLUE.",
            quality.kept_on_average,
            about(97),
            reported=100 * MACRO_SCORE.student / MACRO_SCORE.teacher,
            reported_as=f"{MACRO_SCORE.student} of {MACRO_SCORE.teacher} points; the nine scores printed "
            f"there give {100 * AS_PRINTED:.1f}%, those beside the authors' code {_on(GLUE_SCORES):.1f}%",
            reported_by=GLUE,
        ),
        Definition(
            "each task on its own",
            "The student's score over the teacher's on one task: a mean can hide a task that suffers.",
            quality.kept_by_task,
            about(97),
        ),
        _reported_only(
            f"GLUE without {NOISY}",
            f"The mean without {NOISY}, on which both models do no better than always saying no.",
            about(97),
            _on(QUIET),
        ),
        _reported_only("CoLA", "Is a sentence grammatical?", about(97), _on(["CoLA"])),
        _reported_only("RTE", "Does one sentence follow from another?", about(97), _on(["RTE"])),
    ),
    about_weights=True,
)

COMPLEX_TASKS = Claim(
    "Slightly below BERT on complex tasks",
    (
        Quotation("Slight performance degradation compared to full-sized BERT in some cases", REVIEW),
        Quotation("it struggles with more complex, context-dependent language tasks", OVERVIEW),
    ),
    (
        Definition(
            "each task on its own",
            f"Some of the teacher's score is lost, but no more than {SLIGHT}%, which is what a share of 97% leaves.",
            quality.lost,
            no_more_than(SLIGHT, least=EPSILON),
        ),
        _reported_only("CoLA", "The same for grammar.", no_more_than(SLIGHT, least=EPSILON), 100 - _on(["CoLA"])),
        _reported_only("RTE", "The same for entailment.", no_more_than(SLIGHT, least=EPSILON), 100 - _on(["RTE"])),
        Definition(
            "the hardest task against the easiest",
            "How much less is kept on the hardest task than on the easiest, by the teacher's score, in points.",
            quality.harder_loses_more,
            above(0),
            "points",
            reported=_on([EASIEST]) - _on([HARDEST]),
            reported_as=f"{HARDEST} against {EASIEST}, {NOISY} left out",
            reported_by=AUTHORS_CODE,
        ),
    ),
    about_weights=True,
)

MANY_TASKS = Claim(
    "Can be fine-tuned on many tasks",
    (Quotation("can then be finetuned with good performances on a wide range of tasks", ABSTRACT),),
    (
        Definition(
            "the number of tasks",
            f"How many tasks this pair was fine-tuned for; {RANGE} are the fewest that could be called a range.",
            quality.learned_tasks,
            at_least(RANGE),
            "",
            reported=len(GLUE_SCORES) + 2,
            reported_as=f"the {len(GLUE_SCORES)} tasks of GLUE, IMDb and SQuAD",
            reported_by=paper("tables 1 and 2"),
        ),
        Definition(
            "the worst of them",
            "The smallest share of the teacher's score that is kept on one of them: 97% would be good.",
            quality.kept_at_worst,
            about(97),
            reported=_on([WORST]),
            reported_as=WORST,
            reported_by=AUTHORS_CODE,
        ),
    ),
    about_weights=True,
)
