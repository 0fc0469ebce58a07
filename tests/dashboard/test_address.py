"""The address: what the reader chose stands in it under names that stay, and older names are still read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import streamlit
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from analysis.attention.view import MAPS, ORDERS, SPECIAL_TOKENS
from analysis.attribution.baselines import BASELINES
from analysis.attribution.methods import METHODS
from analysis.attribution.occlusion import PERTURBATIONS
from analysis.claims.criteria import VERDICTS
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import PAIRS
from analysis.similarity.measures import MEASURES
from analysis.similarity.representations import GRANULARITIES
from cache import long_texts
from dashboard import links, share
from dashboard.address_keys import IN_ADDRESS, KEYS, LONG, OLDER, RENAMED, TABS, name_of, slug, value_of
from dashboard.attention.tabs import TABS as ATTENTION_TABS
from dashboard.attribution.tabs import TABS as ATTRIBUTION_TABS
from dashboard.claims.controls import ALL
from dashboard.distillation.tabs import TABS as DISTILLATION_TABS
from dashboard.latency.tabs import TABS as LATENCY_TABS
from dashboard.similarity.tabs import TABS as SIMILARITY_TABS
from tests.support.app import html_of, problems

ROOT = Path(__file__).resolve().parents[2]
PAGES: dict[str, Iterable[str]] = {
    "attention_tab": ATTENTION_TABS,
    "similarity_tab": SIMILARITY_TABS,
    "attribution_tab": ATTRIBUTION_TABS,
    "latency_tab": LATENCY_TABS,
    "distillation_tab": DISTILLATION_TABS,
}
# What links say that people have copied. A name may be renamed in the code, but must stay readable: see RENAMED.
PROMISED: dict[str, tuple[set[str], set[str]]] = {
    "pair": (set(PAIRS), {"embedded", "full-size", "architecture"}),
    "task": (set(TASKS), {"fill-mask", "sentiment", "entities", "question-answering", "sentence-pair"}),
    "method": (
        set(METHODS),
        {
            "integrated-gradients",
            "expected-gradients",
            "layer-conductance",
            "occlusion",
            "input-x-gradient",
            "saliency",
            "attention-rollout",
        },
    ),
    "baseline": (set(BASELINES), {"pad", "mask", "zero", "corpus-mean"}),
    "erased": (set(PERTURBATIONS), {"mask", "deletion"}),
    "measure": (set(MEASURES), set(MEASURES)),
    "granularity": (set(GRANULARITIES), {"word", "token", "sentence", "cls"}),
    "unit": (set(MAPS), {"words", "tokens"}),
    "added": (set(SPECIAL_TOKENS), {"shown", "dimmed", "left-out"}),
    "order": (set(ORDERS), {"as-read", "by-text"}),
    "verdict": (
        {ALL, *VERDICTS},
        {
            "all",
            "holds",
            "holds-in-part",
            "does-not-hold",
            "not-measured-yet",
            "inconclusive",
            "not-measurable-here",
        },
    ),
}


@pytest.mark.parametrize("key", TABS)
def test_the_names_of_tabs_are_those_of_the_pages(key: str) -> None:
    assert TABS[key] == tuple(slug(label) for label in PAGES[key])
    assert set(RENAMED.get(key, {}).values()) <= set(TABS[key])


def test_no_tab_of_one_page_is_called_like_one_of_another() -> None:
    names = [name for key in TABS for name in (*TABS[key], *RENAMED.get(key, {}))]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("key", PROMISED)
def test_names_in_links_stay_and_are_distinct(key: str) -> None:
    options, promised = PROMISED[key]
    names = [slug(option) for option in options]
    assert len(set(names)) == len(names)
    assert {RENAMED.get(key, {}).get(name, name) for name in promised} <= set(names)


def test_names_are_those_of_one_choice_each_but_for_tabs() -> None:
    assert len(set(KEYS)) == len(KEYS)
    names = {key: {name_of(key), OLDER.get(key, key)} for key in KEYS}
    for key in set(KEYS) - set(TABS):
        assert not any(names[key] & names[other] for other in KEYS if other != key)
    assert set(IN_ADDRESS) | set(OLDER) | set(RENAMED) | set(LONG) <= set(KEYS)


def test_one_module_alone_speaks_to_the_address() -> None:
    files = [*(ROOT / "dashboard").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    speaking = {path.name for path in files if 'bind="' in (text := path.read_text()) or "st.query_params" in text}
    assert speaking == {"address.py"}  # which tells of `bind` why it does without


def test_values_are_read_by_todays_key_before_an_older_one_and_by_page() -> None:
    query = {"part": ["To the answer"], "tab": ["word-drift", "what-heads-do"]}
    assert value_of("attention_tab", query) == "what-heads-do"
    assert value_of("similarity_tab", query) == "word-drift"
    assert value_of("latency_tab", query) is None
    assert value_of("attention_tab", {"part": ["To the answer"]}) == "To the answer"
    assert value_of("attention_tab", {"tab": ["no such tab"]}) == "no such tab"  # so that the page can say so
    assert value_of("attention_tab", {"matched-on": ["probe-corpus"]}) == "head-matching"  # it had no tab once
    assert value_of("attention_tab", {"matched-on": ["probe-corpus"], "tab": ["bertviz"]}) == "bertviz"


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("named", [str, lambda task: TASKS[task].title])
def test_a_task_is_found_by_its_name_and_by_its_title(app: AppTest, task: str, named: Callable[[str], str]) -> None:
    app.query_params["task"] = named(task)
    app.run()
    assert app.selectbox(key="task").value == task
    assert not problems(app)
    assert "which is not known here" not in html_of(app)


def test_a_link_of_an_earlier_version_opens_what_it_opened(app: AppTest) -> None:
    earlier = {"pair": PAIRS["embedded"].title, "task": "Sentiment", "part": "To the answer", "way": "Flow"}
    app.query_params.update({**earlier, "text": "the film was good.", "teacher_head": "2.1", "beside": "true"})
    app.run()
    app.switch_page("../pages/attention.py").run()
    assert not problems(app)
    assert app.selectbox(key="task").value == "sentiment"
    assert app.text_area(key="text").value == "the film was good."
    assert app.session_state["teacher_head"] == "2.1"
    assert app.session_state["attention_tab"] == "Attention flow"
    assert app.session_state["way"] == "Flow" and app.toggle(key="beside").value


def test_an_unknown_value_is_told_and_the_default_is_shown(app: AppTest) -> None:
    app.query_params["task"], app.query_params["tab"] = "entitties", "no-such-tab"
    app.run()
    default = next(iter(TASKS))
    assert app.selectbox(key="task").value == default
    sentence = f"The address says task=entitties, which is not known here; “{TASKS[default].title}” is shown instead."
    assert sentence in html_of(app)
    app.run()
    assert sentence in html_of(app)  # until something else is chosen
    app.selectbox(key="task").set_value("sentiment").run()
    assert sentence not in html_of(app)
    assert app.query_params["task"] == "sentiment"


def test_hostile_values_of_the_address_are_text(app: AppTest) -> None:
    app.query_params["task"] = "<img src=x onerror=alert(1)>"
    app.run()
    assert "<img" not in html_of(app)
    assert "&lt;img" in html_of(app)


def test_what_differs_from_its_default_is_in_the_address_on_every_page(app: AppTest) -> None:
    app.query_params["task"] = "sentiment"
    app.run()
    app.switch_page("../pages/attention.py").run()
    default = app.selectbox(key="student_head").value
    titles = app.selectbox(key="student_head").options
    other = next(head for title in titles if (head := title.removeprefix("Student ")) != default)
    app.selectbox(key="student_head").set_value(other).run()
    assert app.query_params == {"task": "sentiment", "student-head": other}
    app.switch_page("../pages/attributions.py").run()
    app.selectbox(key="method").set_value("Saliency").run()
    assert app.query_params == {"task": "sentiment", "student-head": other, "method": "saliency"}
    app.switch_page("../pages/attention.py").run()
    assert app.selectbox(key="student_head").value == other  # though the widget was gone in between
    app.selectbox(key="student_head").set_value(default).run()
    assert app.query_params == {"task": "sentiment", "method": "saliency"}


def test_edits_are_in_the_address_and_belong_to_their_text(app: AppTest) -> None:
    app.query_params.update({"task": "sentiment", "text": "the film was good.", "tab": "edit-a-word"})
    app.run()
    app.switch_page("../pages/attributions.py").run()
    app.selectbox(key="edited_word").set_value("4 good")
    app.text_input(key="edited_to").set_value("bad")
    next(button for button in app.button if button.label == "Replace").click().run()
    assert not problems(app)
    query = dict(app.query_params)

    again = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=120)
    again.query_params.update(query)
    again.run()
    again.switch_page("../pages/attributions.py").run()
    assert not problems(again)
    assert "good → bad" in html_of(again)
    again.text_area(key="text").set_value("the film was old.")
    again.run()
    assert "→ bad" not in html_of(again)


def test_a_text_that_is_too_long_leaves_the_address_and_the_session_still_knows_it(app: AppTest) -> None:
    text = " ".join(f"{number} films were good." for number in range(400))
    app.query_params["task"] = "sentiment"
    app.run()
    app.text_area(key="text").set_value(text)
    app.run()
    digits = app.query_params["text.key"]
    assert "text" not in app.query_params
    app.query_params.clear()
    app.query_params["task"] = "entities"
    app.run()
    assert app.text_area(key="text").value != text
    app.query_params.update({"task": "sentiment", "text.key": digits})  # as by Back
    app.run()
    assert app.text_area(key="text").value == text


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("text.key", "20991231-00000000000000000000", "too long for an address and is not kept here"),
        ("text.key", "../../x", "too long for an address and is not kept here"),
        ("text.z", "not packed", "is damaged"),
        ("text.z", links.packed("good " * 400_000), "is damaged"),
    ],
)
def test_a_text_that_cannot_be_had_is_told(app: AppTest, name: str, value: str, sentence: str) -> None:
    app.query_params["task"], app.query_params[name] = "sentiment", value
    app.run()
    assert sentence in html_of(app)
    assert app.text_area(key="text").value == TASKS["sentiment"].samples[0].text


@given(st.text())
def test_packing_keeps_every_text(text: str) -> None:
    code = links.packed(text)
    assert links.unpacked(code) == text
    assert set(code) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text())
def test_unpacking_raises_nothing_but_value_errors(code: str) -> None:
    with suppress(ValueError):
        links.unpacked(code)


def test_half_of_a_surrogate_pair_is_damage() -> None:
    with pytest.raises(ValueError, match="surrogates not allowed|invalid continuation byte"):
        links.unpacked(links.packed("half of a pair: \ud800"))


@pytest.mark.parametrize(
    "written", ["[1e999,[]]", '[{"a":' * 5_000, '[1,[[1,"\\ud800"]]]', "[1,[[1e999,null]]]", "[1]", "[1,2]", "x"]
)
def test_edits_that_cannot_be_read_are_told(app: AppTest, written: str) -> None:
    app.query_params.update({"task": "sentiment", "text": "good", "tab": "edit-a-word", "edits": written})
    app.switch_page("../pages/attributions.py").run()
    assert not problems(app)
    assert "The address says edits=" in html_of(app)


def test_what_a_link_does_not_carry_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamlit, "session_state", {"lines_file": object()})
    sentences = " ".join(share._left_out(kept=("text",), lost=("lines",)))
    assert "the text is kept on this server for 30 days" in sentences
    assert "send the lines along with it" in sentences
    assert "Not in the link: the uploaded file (paste its sentences instead)." in sentences
    assert "Measured times" not in sentences  # nothing is measured


@pytest.mark.parametrize(("kept", "form"), [("0.01", "lines.key"), ("0", "")])
def test_a_link_carries_a_text_itself_then_by_its_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kept: str, form: str
) -> None:
    monkeypatch.setenv("DISTILLENS_CACHE", str(tmp_path))
    monkeypatch.setenv("DISTILLENS_TEXTS_GB", kept)
    monkeypatch.delenv("CACHE_URL", raising=False)
    long_texts._store.clear()
    regular, irregular = "good " * 2_000, "".join(map(chr, range(0x4E00, 0x4E00 + 5_000)))
    found = links.link({"task": "sentiment", "text": regular, "lines": irregular})
    query = parse_qs(found.query)
    assert links.unpacked(query["text.z"][0]) == regular
    assert len(found.query) <= links.MOST_LINK_BYTES
    assert (found.kept, found.lost) == ((("lines",), ()) if form else ((), ("lines",)))
    assert set(query) == {"task", "text.z", *([form] if form else [])}
    if form:
        assert long_texts.recall(query[form][0]) == irregular
    long_texts._store.clear()
