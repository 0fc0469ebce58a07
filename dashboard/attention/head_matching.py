"""The tab on matched heads: which teacher head each student head resembles, on this text or over the probe corpus."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from analysis.attention.head_matching import MATCHINGS, HeadMatching, decision_rule, finding
from analysis.attention.head_origins import ORIGINS, HeadOrigins
from analysis.inputs.probe_corpus import probe_sentences
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from cache import attention
from dashboard import address
from dashboard.attention.controls import COMPARE, choose
from dashboard.charts import head_matching as charts
from dashboard.export.columns import Columns
from dashboard.export.head_matching import match_table
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.csv_table import as_csv
from dashboard.ui.figures import chart, drawn
from dashboard.ui.progress import progress_bar
from dashboard.ui.theme import SHORT

MOST_MATCHED = 256  # tokens: that takes two seconds, and the time grows with the square of the length
TEXT, CORPUS = "text", "probe-corpus"
MATCHED_ON = {TEXT: "This text", CORPUS: f"Probe corpus ({len(probe_sentences())} sentences)"}
SOURCE = address.Choice(MATCHED_ON, "matched_on", title=MATCHED_ON.__getitem__)
MATCHING = address.Choice(MATCHINGS, "matched_with", "Nearest")
CAVEAT = (
    "Heads that attend alike need not act alike: what a head passes on also depends on its values (Kobayashi et al. "
    "2020, “Attention is Not Only a Weight”), and on a single text many different heads look alike."
)


def head_matching(question: Question, traces: Sides[Trace]) -> None:
    """Every student head and the teacher head that it is matched with."""
    controls = choose(question, traces, shown=("special tokens",))
    source, kind = _choices()
    if source == TEXT and max(len(trace.tokens) for trace in traces) > MOST_MATCHED:
        limit = f"Heads are matched on texts of up to {MOST_MATCHED} tokens; this one is longer."
        st.html(markup.note(f"{limit} Choose the probe corpus above instead."))
        return
    with_special_tokens = controls.view.special_tokens != "Left out"
    matching = (
        _over_corpus(question, with_special_tokens)
        if source == CORPUS
        else attention.head_matching(question.sides, question.example, with_special_tokens)
    )
    matches, origins, shape = MATCHINGS[kind](matching.distances), matching.origins, matching.distances.values.shape
    st.html(markup.element("p", "", markup.escaped(finding(origins))))
    _clickable(drawn(charts.distance_matrix, matching.distances, matches, origins, controls.heads), "matching matrix")
    st.caption(
        "One row per student head, one column per teacher head; brighter means more similar attention. Click a symbol "
        "to compare its two heads.",
        help=_matrix_help(matching),
    )
    left, right = st.columns([3, 2])
    with left:
        _clickable(drawn(charts.links, matches, origins, shape, controls.heads), "matching links")
        st.caption(
            "A line joins each student head (right) to the teacher head it is matched with (left). Click an end to "
            "compare both heads.",
            help="A flat line means that both are at the same depth. Grey lines lead to the head it was initialised "
            "from.",
        )
    with right:
        chart(drawn(charts.origin_counts, origins), "matching origins")
        st.caption("One bar per student layer: its heads by origin.")
    with st.expander("Origins: how many heads, and how many by chance"):
        _origin_table(origins)
        st.caption(
            "“By chance” is how many heads at most would fall there if none were related to the teacher's.",
            help=f"{decision_rule(origins)} “New” = no significant match found. Origins always rest on the nearest "
            "head, even if heads are matched one-to-one.",
        )
    _table(matching, kind)


def _choices() -> tuple[str, str]:
    """The texts that heads are matched on, and the matching; both stand in the URL."""
    left, right = st.columns(2)
    with left:
        source = SOURCE.draw(st.segmented_control, "Matched on", required=True)
    with right:
        kind = MATCHING.draw(st.segmented_control, "Match", required=True)
    return source, kind


def _over_corpus(question: Question, with_special_tokens: bool) -> HeadMatching:
    with progress_bar(f"Both models are reading {len(probe_sentences())} sentences …") as progress:
        return attention.corpus_matching(question.sides, question.example.task, with_special_tokens, progress)


def _clickable(figure: go.Figure, key: str) -> None:
    chart(figure, key, on_click=partial(_open, key))


def _open(key: str) -> None:
    """Takes a click on a figure into the choice of heads; runs before the page is drawn again."""
    for point in st.session_state[key].selection.points[:1]:
        _choose(*point["customdata"][:2])


def _choose(teacher: str, student: str) -> None:
    """Looks at these heads ("layer.head"), where there is one."""
    for side, head in Sides(teacher, student).items():
        if head:
            st.session_state[f"{side}_head"] = head
            st.session_state["attention_tab"] = COMPARE


def _matrix_help(matching: HeadMatching) -> str:
    distances = matching.distances
    n_texts = "1 text" if distances.n_texts == 1 else f"{distances.n_texts:,} texts"
    outlined = "White frames mark the teacher layer that each student layer was initialised from. "
    return (
        "The distance is the Jensen–Shannon distance of their rows of attention over words (0 = same, 1 = nothing in "
        f"common), the mean of {distances.n_rows:,} rows in {n_texts}. "
        f"{outlined if matching.origins.initialised_from else ''}Symbols mark what each head is matched with; the "
        f"red frame is around the heads chosen last. {CAVEAT}"
    )


def _origin_table(origins: HeadOrigins) -> None:
    chance = origins.by_chance()
    rows = [
        (key, str(count), f"{chance[key]:.1f}" if key in chance else "", ORIGINS[key])
        for key, count in origins.counts().items()
    ]
    st.html(markup.table(("Origin", "Heads", "By chance", "Meaning"), rows, numeric=(1, 2)))


def _table(matching: HeadMatching, kind: str) -> None:
    table = match_table(matching, MATCHINGS[kind](matching.distances))
    with st.expander("Data table (tick a row to compare its heads)"):
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


def _open_row(table: Columns) -> None:
    for row in st.session_state["matching_table"].selection.rows:
        places = [[table[f"{side} {part}"][row] for part in ("layer", "head")] for side in SHORT]
        _choose(*("" if None in place else "{}.{}".format(*place) for place in places))
