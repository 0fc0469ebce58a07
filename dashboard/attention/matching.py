"""Every student head beside the teacher head that it resembles most, and where it comes from."""

from __future__ import annotations

import streamlit as st

from analysis.matching import VERDICTS, Matches, Verdicts, one_to_one
from analysis.pairs import Sides
from analysis.trace import Trace
from cache import results
from dashboard import markup
from dashboard.attention.choice import Choice
from dashboard.charts.matching import matches
from dashboard.frame import Question
from dashboard.pictures import chart, numbers

MOST_MATCHED = 128  # tokens: the time to match grows with the square of the length


def matching(question: Question, traces: Sides[Trace], choice: Choice) -> None:
    """The nearest heads, the verdicts, and the table."""
    if max(len(trace.tokens) for trace in traces) > MOST_MATCHED:
        st.html(markup.note(f"Heads are matched on texts of up to {MOST_MATCHED} tokens; this one is longer."))
        return
    found = results.head_matching(question.sides, question.example)
    distances, judged = found.distances, found.verdicts
    one = one_to_one(distances)
    chart(matches(judged.nearest, judged.origins, distances.values.shape), "matches")
    counts = {key: sum(row.count(key) for row in judged.keys) for key in VERDICTS}
    rows = [(key, str(count), VERDICTS[key]) for key, count in counts.items() if count]
    st.html(markup.table(("Verdict", "Student heads", "Meaning"), rows, numeric=(1,)))
    st.caption(
        f"How to read this: each dot is a student head at the layer of its nearest teacher head, by the Jensen–Shannon "
        f"distance of their attention rows over {distances.n_rows} rows of {distances.n_texts} text(s). Open squares "
        "mark the teacher layer that the student's layer was initialised from. “New” is a head no nearer to any "
        f"teacher head than the teacher's heads are to each other (p > {judged.threshold:g})."
    )
    numbers("All student heads, also matched one to one", "matches", lambda: _table(judged, one))


def _table(judged: Verdicts, one: Matches) -> dict[str, list[object]]:
    layers, heads = judged.nearest.layers.shape
    places = [(layer, head) for layer in range(layers) for head in range(heads)]
    near = judged.nearest
    return {
        "Student head": [f"{layer + 1}.{head + 1}" for layer, head in places],
        "Nearest teacher head": [f"{near.layers[at] + 1}.{near.heads[at] + 1}" for at in places],
        "Distance": [round(float(near.distances[at]), 4) for at in places],
        "One to one": [f"{one.layers[at] + 1}.{one.heads[at] + 1}" if one.layers[at] >= 0 else "—" for at in places],
        "Verdict": [judged.keys[layer][head] for layer, head in places],
        "p (nearest)": [round(float(judged.nearest_p[at]), 3) for at in places],
    }
