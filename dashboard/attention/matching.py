"""The panel on matched heads: which teacher head each student head resembles, on this text or over the probe corpus."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from analysis.matching import MATCHINGS, HeadMatching, finding, rule
from analysis.pairs import Sides
from analysis.probe_corpus import probe_sentences
from analysis.trace import Trace
from analysis.verdicts import VERDICTS, Verdicts
from cache import results
from dashboard import markup
from dashboard.attention_panels import View
from dashboard.charts import matching as charts
from dashboard.export.matching import as_csv, match_table
from dashboard.frame import Question
from dashboard.palette import SHORT
from dashboard.panels import CHART

MOST_MATCHED = 256  # tokens: that takes two seconds, and the time grows with the square of the length
TEXT, CORPUS = "This text", f"Probe corpus ({len(probe_sentences())} sentences)"
LEFT_OUT = "Left out"  # of [CLS] and [SEP] in `View`
CAVEAT = (
    "Heads that attend alike need not do alike: what a head passes on also depends on its values (Kobayashi et al. "
    "2020, “Attention is Not Only a Weight”), and on one text many heads look alike that are not."
)


def on_text(question: Question, traces: Sides[Trace], view: View) -> HeadMatching | None:
    """All heads matched on the reader's text; None where it is too long for that."""
    if max(len(trace.tokens) for trace in traces) > MOST_MATCHED:
        return None
    return results.head_matching(question.sides, question.example, view.added != LEFT_OUT)


def matching(question: Question, view: View, text: HeadMatching | None) -> None:
    """Every student head and the teacher head that it is matched with; `text` is what `on_text` gives."""
    st.subheader("Which teacher head does each student head resemble?")
    over, kind = _choices()
    found = _over_corpus(question, view) if over == CORPUS else text
    if found is None:
        st.html(
            markup.note(
                f"Heads are matched on texts of up to {MOST_MATCHED} tokens; this one is longer. The probe corpus can "
                "be chosen above."
            )
        )
        return
    matched, judged, shape = MATCHINGS[kind](found.distances), found.verdicts, found.distances.values.shape
    st.html(markup.element("p", "", markup.escaped(finding(judged))))
    _plot(charts.distance_matrix(found.distances, matched, judged, view.heads), "matching_matrix")
    st.caption(_reading_the_matrix(found))
    left, right = st.columns([3, 2])
    with left:
        _plot(charts.links(matched, judged, shape, view.heads), "matching_links")
        st.caption(
            "How to read this: a line leads from each student head (right) to the teacher head that it is matched with "
            "(left); the flatter, the more the two stand at the same depth. Grey lines lead to where the head was "
            "initialised from. Click an end to see that head and its match above."
        )
    with right:
        st.plotly_chart(charts.verdict_counts(judged), config=CHART, key="matching_verdicts")
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


def _over_corpus(question: Question, view: View) -> HeadMatching:
    bar = st.progress(0.0, f"Both models read {len(probe_sentences())} sentences …")

    def show(share: float) -> None:
        bar.progress(share, f"Both models read {len(probe_sentences())} sentences: {share:.0%}")

    found = results.corpus_matching(question.sides, question.example.task, view.added != LEFT_OUT, progress=show)
    bar.empty()
    return found


def _plot(figure: Any, key: str) -> None:
    st.plotly_chart(
        figure, config=CHART, key=key, on_select=partial(_open, key), selection_mode="points", theme="streamlit"
    )


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
            "Download as CSV", as_csv(table), "matched-heads.csv", "text/csv", key="matching_csv", on_click="ignore"
        )


def _open_row(table: dict[str, list[Any]]) -> None:
    for row in st.session_state["matching_table"].selection.rows:
        places = [[table[f"{side} {part}"][row] for part in ("layer", "head")] for side in SHORT]
        _choose(*("" if None in place else "{}.{}".format(*place) for place in places))
