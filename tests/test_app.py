"""The app, run without a browser: what is asked, what is said back, and that nothing is lost on the way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tiny import EXAMPLES

from analysis.attribution.baselines import BASELINES, DEFAULT_BASELINE
from analysis.attribution.measured import gained
from analysis.inputs import probe_corpus
from analysis.inputs.examples import HOSTED_LIMIT, Example
from analysis.inputs.tasks import MASK, TASKS, Sample, Task
from analysis.latency.limits import HOSTED_SECONDS
from analysis.models.model import Model
from analysis.models.pairs import PAIRS, Pair, Sides
from analysis.predictions.heads import predict
from analysis.similarity.measures import MEASURES
from analysis.similarity.representations import MOST_LINES
from dashboard.attention.tabs import PARTS
from dashboard.attribution.tabs import PANELS as ATTRIBUTIONS
from dashboard.latency.quality import ELSEWHERE
from dashboard.latency.tabs import PANELS as LATENCY
from dashboard.page_list import PAGES, PageEntry
from dashboard.similarity.controls import OWN, TEXT
from dashboard.similarity.tabs import PANELS as SIMILARITY

APP = str(Path(__file__).resolve().parent.parent / "dashboard" / "app.py")
KINDS = ("old", "new", "young", "great")
THINGS = ("film", "cat", "dog", "city")
HOSTILE = ("<script>alert(1)</script>", "</script><img src=x onerror=y>", ":red[x] $x$", "[a](http://x) `b` **c**")


@pytest.fixture
def app(
    tiny_pairs: dict[str, Sides[Model]], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> AppTest:
    """The app with a tiny pair that has all five tasks in place of the embedded one."""
    checkpoints = {task: sides.map(lambda model: model.checkpoint) for task, sides in tiny_pairs.items()}
    monkeypatch.setitem(PAIRS, "embedded", Pair("Embedded (small)", "Tiny.", checkpoints))
    monkeypatch.setenv("DISTILLENS_CACHE", str(tmp_path_factory.getbasetemp() / "results"))
    monkeypatch.setattr(probe_corpus, "SENTENCES", short_corpus(tmp_path_factory.getbasetemp() / "sentences.txt"))
    return AppTest.from_file(APP, default_timeout=120)


def short_corpus(file: Path) -> Path:
    """Sentences that a model of 64 tokens can read, whatever it knows, in place of the probe corpus."""
    file.write_text("\n".join(f"the {kind} {what} was {how}." for kind in KINDS for what in THINGS for how in "ab"))
    return file


def html_of(app: AppTest) -> str:
    """All HTML on the page, style sheet left out."""
    return "\n".join(str(block.proto.body) for block in app.get("html") if "<style>" not in block.proto.body)


def problems(app: AppTest) -> list[str]:
    assert not app.exception, app.exception
    return [line for line in html_of(app).splitlines() if "dl-problem" in line]


def ask_in_one_window(app: AppTest, task: str) -> None:
    """The tiny models read 64 tokens, and what looks inside a model takes one window: a short question and context."""
    app.query_params["task"] = TASKS[task].title
    if TASKS[task].windowed:
        app.query_params["text"], app.query_params["text_pair"] = "Who lives in Paris?", "Mary lives in Paris."
    app.run()


@pytest.mark.parametrize("task", TASKS)
def test_every_task_is_answered_on_the_first_visit(app: AppTest, task: str) -> None:
    app.query_params["task"] = TASKS[task].title
    app.run()
    assert not problems(app)
    assert html_of(app).count("dl-answer") == 2
    assert app.text_area[0].value == TASKS[task].samples[0].text


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.title)
def test_every_page_takes_every_task(app: AppTest, entry: PageEntry, task: str) -> None:
    ask_in_one_window(app, task)
    app.switch_page(f"../pages/{entry.script}").run()
    assert not problems(app)
    assert html_of(app).count("dl-answer") == 2


@pytest.mark.parametrize("task", TASKS)
def test_every_example_is_answered(app: AppTest, task: str) -> None:
    app.query_params["task"] = TASKS[task].title
    app.run()
    for index, sample in enumerate(TASKS[task].samples):
        app.selectbox(key="sample").set_value(index).run()
        assert not problems(app)
        assert app.text_area[0].value == sample.text
        assert any(sample.look_for in info.value for info in app.info)


@pytest.mark.parametrize("task", TASKS)
def test_user_text_is_never_markup(app: AppTest, task: str) -> None:
    app.query_params["task"] = TASKS[task].title
    app.run()
    for hostile in HOSTILE:
        for field in app.text_area:
            field.set_value(hostile + (f" {MASK}" if TASKS[task].needs_mask else ""))
        app.button[0].click().run()
        assert not problems(app)
        assert "<script" not in html_of(app)
        assert "<img" not in html_of(app)
        live = [element.value for kind in ("markdown", "caption", "info", "subheader") for element in app.get(kind)]
        assert not [value for value in live if hostile in value]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"text": " "}, "is empty"),
        ({"text": "No mask."}, "has no [MASK]"),
        ({"task": "Question answering", "text": "Who?", "text_pair": ""}, "is empty"),
        ({"task": "Sentiment", "text": "good " * 300}, "302 tokens"),
    ],
)
def test_a_bad_text_gets_one_sentence_and_stays_in_the_field(app: AppTest, query: dict[str, str], words: str) -> None:
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert len(problems(app)) == 1
    assert words in problems(app)[0]
    assert app.text_area[0].value == query["text"]


def test_after_a_bad_text_the_last_answers_stay(app: AppTest) -> None:
    app.run()
    app.text_area(key="text").set_value("No mask.")
    app.button[0].click().run()
    assert len(problems(app)) == 1
    assert "Below is the last question that worked." in html_of(app)
    assert "dl-mark" in html_of(app)


def test_the_offered_mask_is_placed(app: AppTest) -> None:
    app.query_params["text"] = "Paris is the capital of France."
    app.run()
    next(button for button in app.button if MASK in button.label).click().run()
    assert app.text_area(key="text").value == f"Paris is the capital of {MASK}."
    assert not problems(app)


def test_a_new_task_starts_with_its_own_example_but_keeps_a_typed_text(app: AppTest) -> None:
    app.run()
    app.selectbox(key="task").set_value("sentiment").run()
    assert app.text_area(key="text").value == TASKS["sentiment"].samples[0].text
    app.text_area(key="text").set_value("The cat was good.")
    app.button[0].click().run()
    app.selectbox(key="task").set_value("entities").run()
    assert app.text_area(key="text").value == "The cat was good."


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_the_attention_page_takes_every_task(app: AppTest, part: str, task: str) -> None:
    ask_in_one_window(app, task)
    app.query_params["part"] = part
    app.query_params["way"], app.query_params["beside"] = "Flow", "true"
    app.switch_page("../pages/attention.py").run()
    assert not problems(app)
    shown = {tab.label for tab in app.tabs if len(tab.children)}
    assert shown == {part}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("part", ATTRIBUTIONS)
def test_every_part_of_the_attributions_page_takes_every_task(app: AppTest, part: str, task: str) -> None:
    ask_in_one_window(app, task)
    app.query_params["attribution_part"], app.query_params["graded"] = part, "true"
    app.switch_page("../pages/attributions.py").run()
    assert not problems(app)
    assert {tab.label for tab in app.tabs if len(tab.children)} == {part}


def test_attributions_ask_about_the_teachers_answer_and_take_a_contrast(
    app: AppTest, tiny_pairs: dict[str, Sides[Model]]
) -> None:
    ask_in_one_window(app, "sentiment")
    app.switch_page("../pages/attributions.py").run()
    text = app.text_area(key="text").value
    said = predict(tiny_pairs["sentiment"].teacher, Example("sentiment", text)).wording
    assert app.selectbox(key="target").value == said
    assert f"Why “{said}”?" in html_of(app)
    other = app.selectbox(key="rather").options[1]
    app.selectbox(key="rather").set_value(other).run()
    assert f"Why “{said} rather than {other}”?" in html_of(app)
    assert not problems(app)
    app.selectbox(key="task").set_value("entities").run()  # what was asked of the last task is no option of this one
    assert not problems(app)
    assert "Why “" in html_of(app)


def test_attributions_start_from_the_baseline_that_was_measured_best_and_say_so(app: AppTest) -> None:
    ask_in_one_window(app, "sentiment")
    app.switch_page("../pages/attributions.py").run()
    assert app.selectbox(key="baseline").value == DEFAULT_BASELINE
    for baseline in BASELINES:
        app.selectbox(key="baseline").set_value(baseline).run()
        found = [caption.value for caption in app.caption if "gained over" in caption.value]
        gain = gained("sentiment", baseline)
        assert found == ([gain.finding] if gain else [])
    app.selectbox(key="method").set_value("Saliency").run()  # takes no baseline
    assert not [caption.value for caption in app.caption if "gained over" in caption.value]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_user_text_is_never_markup_among_attributions(app: AppTest, hostile: str) -> None:
    for part in ("Layers", "Words", "Edit a word"):
        open_attributions(app, "entities", f"{hostile} in Paris.", part=part)
        if part == "Edit a word":
            edit(app, app.selectbox(key="edited_word").options[-1], "Change", hostile)
            assert "Before" in html_of(app)
        assert not problems(app)
        assert "<script" not in html_of(app)
        assert "<img" not in html_of(app)
        live = [element.value for kind in ("markdown", "caption", "info", "subheader") for element in app.get(kind)]
        assert not [value for value in live if hostile in value]


def edit(app: AppTest, word: str, way: str, to: str = "") -> None:
    """Chooses a word as the page names it, types what is to stand there, and presses a button."""
    app.selectbox(key="edited_word").set_value(word)
    app.text_input(key="edited_to").set_value(to)
    next(button for button in app.button if button.label == way).click().run()


def open_attributions(app: AppTest, task: str, text: str, text_pair: str = "", part: str = "Words") -> None:
    app.query_params["task"], app.query_params["text"] = TASKS[task].title, text
    app.query_params["text_pair"], app.query_params["attribution_part"] = text_pair, part
    app.run()
    app.switch_page("../pages/attributions.py").run()


def test_words_are_edited_in_turn_and_each_edit_is_taken_back(app: AppTest) -> None:
    open_attributions(app, "sentiment", "the old film was not bad.", part="Edit a word")
    edit(app, "2 old", "Change", "very young")
    edit(app, "5 not", "Drop")
    edit(app, "3 film", "Mask")
    assert not problems(app)
    for line in ("old → very young", "not → dropped", "film → [MASK]"):
        assert line in html_of(app)
    assert re.sub(r"<[^>]*>", "", html_of(app)).count("the very young [MASK] was bad.") == 2  # teacher and student
    assert app.text_area(key="text").value == "the old film was not bad."
    app.button(key="undo 0").click().run()
    assert "old → very young" not in html_of(app)
    assert re.sub(r"<[^>]*>", "", html_of(app)).count("the old [MASK] was bad.") == 2
    next(button for button in app.button if button.label == "Put the edited text into the sidebar").click().run()
    assert app.text_area(key="text").value == "the old [MASK] was bad."
    assert "Choose a word and change" in html_of(app)
    assert not problems(app)


def test_an_edit_that_cannot_be_made_says_why_and_loses_nothing(app: AppTest) -> None:
    open_attributions(app, "sentiment", "the old film was not bad.", part="Edit a word")
    edit(app, "2 old", "Change", "young")
    for to, sentence in ((" ", "Type what is to stand in the place of"), ("film " * 70, "reads at most 64")):
        edit(app, "3 film", "Change", to)
        assert [line for line in problems(app) if sentence in line]
        assert len(problems(app)) == 1
        assert "old → young" in html_of(app)
        assert re.sub(r"<[^>]*>", "", html_of(app)).count("the young film was not bad.") == 2
        assert app.text_input(key="edited_to").value == to
    app.text_area(key="text").set_value("a film")  # has fewer words than the place of the one that was chosen last
    next(button for button in app.button if button.label == "Compare").click().run()
    next(button for button in app.button if button.label == "Drop").click().run()
    assert not problems(app)
    assert "a → dropped" in html_of(app)


def test_an_edit_may_not_take_away_what_is_asked_about(app: AppTest) -> None:
    open_attributions(app, "question-answering", *EXAMPLES["question-answering"].texts, part="Edit a word")
    for name, key in (("target", "another …"), ("target_from", "1 mary"), ("target_to", "1 mary")):
        app.selectbox(key=name).set_value(key).run()
    edit(app, "6 mary (context)", "Drop")
    assert "An edit takes away what “mary” is about" in problems(app)[0]
    edit(app, "2 lives (question)", "Drop")
    edit(app, "6 mary (context)", "Change", "the young man")
    assert not problems(app)
    assert re.sub(r"<[^>]*>", "", html_of(app)).count("the young man lives in paris") == 2
    app.selectbox(key="answer_part").set_value("end").run()
    assert "The probability of “mary: its end” goes" in html_of(app)


@pytest.mark.parametrize(
    ("task", "choices", "name"),
    [
        ("fill-mask", {"target": "another …", "target_piece": "dog"}, "dog"),
        ("fill-mask", {"rather": "another …", "rather_piece": "cat"}, "rather than cat"),
        ("entities", {"target": "another …", "target_to": "2 lives", "target_type": "LOC"}, "mary lives (LOC)"),
        ("question-answering", {"target": "another …", "target_to": "3 in"}, "mary lives in"),
    ],
)
def test_a_target_of_ones_own_is_asked_about(app: AppTest, task: str, choices: dict[str, str], name: str) -> None:
    open_attributions(app, task, *EXAMPLES[task].texts)
    for key, value in choices.items():
        (app.text_input if key.endswith("piece") else app.selectbox)(key=key).set_value(value).run()
    assert not problems(app)
    assert f"{name}”?" in html_of(app)


@pytest.mark.parametrize("task", TASKS)
def test_every_head_is_measured_on_request(app: AppTest, task: str) -> None:
    ask_in_one_window(app, task)
    app.query_params["part"] = "Switch off"
    app.switch_page("../pages/attention.py").run()
    app.toggle(key="sweep").set_value(True).run()
    assert not problems(app)
    assert html_of(app).count("drop for") == 2


def test_hosted_texts_are_shorter_and_checkpoints_of_ones_own_are_off(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.run()
    assert "Your own" in app.selectbox(key="pair").options
    monkeypatch.setenv("DISTILLENS_HOSTED", "1")
    app.query_params["text"] = "a" * (HOSTED_LIMIT + 1)
    app.run()
    assert "Your own" not in app.selectbox(key="pair").options
    app.text_area(key="text").set_value("a" * (HOSTED_LIMIT + 1))
    app.button[0].click().run()
    assert f"at most {HOSTED_LIMIT:,}" in problems(app)[0]


def test_random_weights_are_offered_only_where_weights_do_not_matter(app: AppTest) -> None:
    app.run()
    assert PAIRS["architecture"].title not in app.selectbox(key="pair").options
    app.switch_page("../pages/models.py").run()
    assert PAIRS["architecture"].title in app.selectbox(key="pair").options


def test_a_new_task_and_a_new_pair_are_one_row_each(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = Task(
        "Toy",
        "Is it a toy?",
        ("Text",),
        "AutoModelForSequenceClassification",
        "a label",
        (Sample("One", "Look.", "A toy."),),
    )
    sides: Sides = PAIRS["embedded"].checkpoints["sentiment"]
    monkeypatch.setitem(TASKS, "toy", toy)
    monkeypatch.setitem(PAIRS, "toys", Pair("Toy pair", "About toys.", {"toy": sides}))
    app.query_params["pair"] = "Toy pair"
    app.run()
    assert app.selectbox(key="task").options == ["Toy"]
    assert app.text_area(key="text").value == "A toy."
    assert not problems(app)
    assert html_of(app).count("dl-answer") == 2


@pytest.mark.parametrize("tab", SIMILARITY)
@pytest.mark.parametrize("task", TASKS)
def test_every_tab_of_the_similarity_page_takes_every_task(app: AppTest, task: str, tab: str) -> None:
    ask_in_one_window(app, task)
    app.query_params["tab"] = tab
    app.switch_page("../pages/similarity.py").run()
    assert not problems(app)


@pytest.mark.parametrize("measure", MEASURES)
def test_layers_are_compared_by_every_measure(app: AppTest, measure: str) -> None:
    app.run()
    app.switch_page("../pages/similarity.py").run()
    app.selectbox(key="measure").set_value(MEASURES[measure].title).run()
    assert not problems(app)
    assert any(MEASURES[measure].paper in caption.value for caption in app.caption)


def test_layers_within_a_model_are_compared_by_the_measure_that_is_chosen(app: AppTest) -> None:
    app.query_params["tab"] = "Within each model"
    app.query_params["measure"] = MEASURES["procrustes"].title
    app.run()
    app.switch_page("../pages/similarity.py").run()
    assert not problems(app)
    assert "Orthogonal Procrustes from one layer to the next is on average" in html_of(app)


def test_the_text_alone_says_why_it_says_little_and_too_short_a_one_is_refused(app: AppTest) -> None:
    app.query_params["task"] = TASKS["sentiment"].title
    app.query_params["text"] = "the old man was in paris, and it was good, and the film was not bad."
    app.run()
    app.switch_page("../pages/similarity.py").run()
    app.selectbox(key="on").set_value(TEXT).run()
    assert not problems(app)
    assert "here it gives 19 units, where a layer has 16 neurons" in html_of(app)
    app.text_area(key="text").set_value("a good film")
    app.button[0].click().run()
    assert "3 units" in problems(app)[0]


@pytest.mark.parametrize("task", TASKS)
def test_a_task_on_two_texts_is_warned_of_single_sentences(app: AppTest, task: str) -> None:
    ask_in_one_window(app, task)
    app.switch_page("../pages/similarity.py").run()
    assert ("this task reads two texts" in html_of(app)) == (task in ("question-answering", "sentence-pair"))
    app.selectbox(key="on").set_value(TEXT).run()
    assert "this task reads two texts" not in html_of(app)


def test_ones_own_lines_are_compared_and_bounded(app: AppTest) -> None:
    app.run()
    app.switch_page("../pages/similarity.py").run()
    app.selectbox(key="on").set_value(OWN).run()
    assert "Give sentences" in html_of(app)
    app.text_area(key="lines").set_value(
        "\n".join(f"the {what} number {n} was old." for n in range(5) for what in THINGS)
    ).run()
    assert not problems(app)
    assert any("20 sentences" in caption.value for caption in app.caption)
    app.text_area(key="lines").set_value("the film was good.\nthe film was bad.").run()
    assert "of 2 sentences can be compared" in problems(app)[0]
    assert not app.get("progress")
    app.text_area(key="lines").set_value("\n".join(map(str, range(MOST_LINES + 1)))).run()
    assert f"at most {MOST_LINES:,} lines" in problems(app)[0]


@pytest.mark.parametrize("task", ["sentiment", "question-answering"])
def test_latency_is_measured_on_a_button_only_and_stays_while_one_looks_elsewhere(app: AppTest, task: str) -> None:
    ask_in_one_window(app, task)
    app.switch_page("../pages/latency.py").run()
    assert "begun" not in html_of(app)
    app.selectbox(key="latency_rounds").set_value(20)
    app.button(key="start Measure this text").click().run()
    assert not problems(app)
    started = next(line for line in html_of(app).splitlines() if "begun" in line)
    app.switch_page("../pages/models.py").run()
    app.switch_page("../pages/latency.py").run()
    assert started in html_of(app)


@pytest.mark.parametrize("tab", LATENCY)
def test_every_tab_of_the_latency_page_measures_what_it_shows(app: AppTest, tab: str) -> None:
    ask_in_one_window(app, "sentiment")
    app.query_params["latency_part"], app.query_params["latency_what"] = tab, "Attention"
    app.query_params["latency_rounds"] = "20"
    app.switch_page("../pages/latency.py").run()
    assert not problems(app)
    for key in [button.key for button in app.button if str(button.key).startswith("start ")]:
        if key != "start Measure energy":  # not every machine has a counter of it
            app.button(key=key).click().run()
            assert not problems(app), key
    assert {one.label for one in app.tabs if len(one.children)} == {tab}


def test_the_pair_with_random_weights_is_measured_too_but_its_quality_is_not(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = PAIRS["embedded"]
    monkeypatch.setitem(PAIRS, "architecture", Pair("Random", "Tiny.", tiny.checkpoints, trained=False))
    app.query_params["latency_part"] = "Quality per millisecond"
    app.run()
    app.switch_page("../pages/latency.py").run()
    app.selectbox(key="pair").set_value("architecture").run()
    assert not problems(app)
    assert ELSEWHERE in html_of(app)
    assert any("random weights takes the same time" in caption.value for caption in app.caption)


def test_hosted_measurements_say_when_they_end_and_what_is_too_much(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTILLENS_HOSTED", "1")
    app.query_params["latency_what"], app.query_params["latency_batch"] = "Attention", "32"
    app.run()
    app.switch_page("../pages/latency.py").run()
    assert any(f"ends after {HOSTED_SECONDS:.0f} s" in caption.value for caption in app.caption)
    app.button(key="start Measure by attention").click().run()
    assert "2,048 tokens" in problems(app)[0]
    assert not [button for button in app.button if "Stop" in button.label]
