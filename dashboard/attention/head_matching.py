"""The panel on matched heads: which teacher head each student head resembles, on this text or over the probe corpus."""

from __future__ import annotations

from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from analysis.attention.head_matching import MATCHINGS, HeadMatching, finding, rule
from analysis.attention.head_origins import VERDICTS, Verdicts
from analysis.inputs.probe_corpus import probe_sentences
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from cache import remember as results
from dashboard.attention.controls import Choice
from dashboard.charts import head_matching as charts
from dashboard.export.head_matching import match_table
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.csv_table import as_csv
from dashboard.ui.figures import chart
from dashboard.ui.theme import SHORT

MOST_MATCHED = 256  # tokens: that takes two seconds, and the time grows with the square of the length
TEXT, CORPUS = "This text", f"Probe corpus ({len(probe_sentences())} sentences)"
CAVEAT = (
    "Heads that attend alike need not do alike: what a head passes on also depends on its values (Kobayashi et al. "
    "2020, “Attention is Not Only a Weight”), and on one text many heads look alike that are not."
)


def matching(question: Question, traces: Sides[Trace], choice: Choice) -> None:
    """Every student head and the teacher head that it is matched with."""
    st.subheader("Which teacher head does each student head resemble?")
    over, kind = _choices()
    if over == TEXT and max(len(trace.tokens) for trace in traces) > MOST_MATCHED:
        limit = f"Heads are matched on texts of up to {MOST_MATCHED} tokens; this one is longer."
        st.html(markup.note(f"{limit} The probe corpus can be chosen above."))
        return
    with_added = choice.view.added != "Left out"
    found = (
        _over_corpus(question, with_added)
        if over == CORPUS
        else results.head_matching(question.sides, question.example, with_added)
    )
    matched, judged, shape = MATCHINGS[kind](found.distances), found.verdicts, found.distances.values.shape
    st.html(markup.element("p", "", markup.escaped(finding(judged))))
    _clickable(charts.distance_matrix(found.distances, matched, judged, choice.heads), "matching matrix")
    st.caption(_reading_the_matrix(found))
    left, right = st.columns([3, 2])
    with left:
        _clickable(charts.links(matched, judged, shape, choice.heads), "matching links")
        st.caption(
            "How to read this: a line leads from each student head (right) to the teacher head that it is matched with "
            "(left); the flatter, the more the two stand at the same depth. Grey lines lead to where the head was "
            "initialised from. Click an end to see that head and its match above."
        )
    with right:
        chart(charts.verdict_counts(judged), "matching verdicts")
        st.caption("How to read this: one bar a student layer, its heads by verdict.")
    _verdict_table(judged)
    st.caption(
        "How to read this: “by chance” is how many heads would at most get the verdict if none had anything to do with "
        f"the teacher's. {rule(judged)} “New” means that no kinship was shown, not that there is none. Verdicts rest "
        "on the nearest head, also where heads are matched one to one."
    )
    _table(found, kind)


def _choices() -> tuple[str, str]:
    """On what heads are matched, and how; both stand in the URL."""
    over, kind = st.columns(2)
    with over:
        chosen = st.segmented_control(
            "Matched on", [TEXT, CORPUS], default=TEXT, required=True, key="matched_on", bind="query-params"
        )
    with kind:
        how = st.segmented_control(
            "Each head with", list(MATCHINGS), default="Nearest", required=True, key="matched_with", bind="query-params"
        )
    return chosen, how


def _over_corpus(question: Question, with_added: bool) -> HeadMatching:
    bar = st.progress(0.0, f"Both models read {len(probe_sentences())} sentences …")

    def show(share: float) -> None:
        bar.progress(share, f"Both models read {len(probe_sentences())} sentences: {share:.0%}")

    found = results.corpus_matching(question.sides, question.example.task, with_added, progress=show)
    bar.empty()
    return found


def _clickable(figure: go.Figure, key: str) -> None:
    chart(figure, key, on_click=partial(_open, key))


def _open(key: str) -> None:
    """Takes a click on a picture into the choice of heads; runs before the page is drawn again."""
    for point in st.session_state[key].selection.points[:1]:
        _choose(*point["customdata"][:2])


def _choose(teacher: str, student: str) -> None:
    """Looks at these heads ("layer.head"), where there is one."""
    for side, head in Sides(teacher, student).items():
        if head:
            st.session_state[f"{side}_head"] = head


def _reading_the_matrix(found: HeadMatching) -> str:
    distances = found.distances
    n_texts = "1 text" if distances.n_texts == 1 else f"{distances.n_texts:,} texts"
    outlined = "White frames show which teacher layer each student layer was initialised from. "
    return (
        "How to read this: one row a student head, one column a teacher head; the brighter, the more alike they attend "
        f"(Jensen–Shannon distance of their rows of attention over words: 0 alike, 1 nothing in common; mean of "
        f"{distances.n_rows:,} rows in {n_texts}). {outlined if found.verdicts.origins else ''}Symbols mark what each "
        f"head is matched with; the orange frame is around the heads chosen above. Click a symbol to see its two heads "
        f"there. {CAVEAT}"
    )


def _verdict_table(judged: Verdicts) -> None:
    chance = judged.by_chance()
    rows = [
        (key, str(count), f"{chance[key]:.1f}" if key in chance else "", VERDICTS[key])
        for key, count in judged.counts().items()
    ]
    st.html(markup.table(("Verdict", "Heads", "By chance", "Meaning"), rows, numeric=(1, 2)))


def _table(found: HeadMatching, kind: str) -> None:
    table = match_table(found, MATCHINGS[kind](found.distances))
    with st.expander("All student heads as a table (click a column's title to sort, a row's box to see its heads)"):
        st.dataframe(
            table,
            hide_index=True,
            width="stretch",
            key="matching_table",
            on_select=partial(_open_row, table),
            selection_mode="single-row",
        )
        st.download_button(
            "Save as CSV", as_csv(table), "distillens-matching.csv", "text/csv", key="matching_csv", on_click="ignore"
        )


def _open_row(table: dict[str, list[Any]]) -> None:
    for row in st.session_state["matching_table"].selection.rows:
        places = [[table[f"{side} {part}"][row] for part in ("layer", "head")] for side in SHORT]
        _choose(*("" if None in place else "{}.{}".format(*place) for place in places))
