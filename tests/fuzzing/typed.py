"""What readers type, upload or find in an address."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import strategies
from hypothesis.strategies import DrawFn, SearchStrategy, composite
from streamlit.testing.v1 import AppTest

from analysis.errors import AnalysisError
from analysis.inputs.edits import Edit, edited
from analysis.inputs.examples import Example, checked
from analysis.inputs.tasks import TASKS
from analysis.inputs.words import words_of_all
from analysis.models import model as models
from analysis.models.model import load
from analysis.models.model_files import fingerprint_of
from analysis.models.pairs import PAIRS, Checkpoint, Pair, Sides, own_pair
from analysis.similarity.representations import own_lines, text_of
from dashboard import address, links
from dashboard.address_keys import KEYS, LONG, OLDER, TABS, name_of
from dashboard.attribution import before_and_after, edit_words
from dashboard.frame import Question
from dashboard.page_list import PAGES
from dashboard.predict_command import example_of
from dashboard.present.walkthrough import Step, Walkthrough
from dashboard.present.walkthrough_file import read_walkthrough, written
from dashboard.report.files import archive, files_of
from dashboard.report.finding import FindingRequest
from dashboard.report.saved_finding import read_finding
from dashboard.report.sections import make_finding
from tests.fuzzing.checkpoints import ask
from tests.fuzzing.fuzzer import Prepared, Target
from tests.fuzzing.mutations import damaged, json_files, or_whole, word_lists
from tests.support.app import APP, short_corpus
from tests.support.hostile import HOSTILE, TEXTS
from tests.support.tiny import EXAMPLES, tiny_checkpoint

ANY_TEXT = (
    TEXTS
    | strategies.sampled_from(HOSTILE)
    | strategies.text(strategies.characters(exclude_categories=[]), max_size=40)  # halves of surrogate pairs too
)
AS_TEXT = partial(str, encoding="utf-8", errors="replace")
NAME_PARTS = ("owner/name", "@", "main", "/", "..", "~", "~x", "\0", "random:bert", "\ud800", "x" * 5000, " ", "%00")


def _sources(folder: Path) -> Prepared:
    """What is typed where a checkpoint is asked for; nothing is fetched."""
    own = tiny_checkpoint(folder / "own", "bert", "sentiment")
    parts = strategies.sampled_from([str(own), *NAME_PARTS])

    def read(source: str) -> None:
        with mock.patch.object(models, "fetch", side_effect=AnalysisError("Nothing is fetched here.")):
            checkpoint = own_pair("sentiment", source, source).sides("sentiment").teacher
            fingerprint_of(checkpoint)
            load(checkpoint, "sentiment")

    return strategies.lists(parts | ANY_TEXT, max_size=5).map("".join), read


def _texts(folder: Path) -> Prepared:
    """Examples of all tasks, with edits of their words."""
    asked = {task: load(Checkpoint(str(tiny_checkpoint(folder / task, "bert", task)), "bert"), task) for task in TASKS}
    edits = strategies.tuples(strategies.integers(0, 9), strategies.none() | ANY_TEXT)
    inputs = strategies.tuples(
        strategies.sampled_from([*TASKS, "none"]),
        ANY_TEXT,
        strategies.none() | ANY_TEXT,
        strategies.lists(edits, max_size=3),
    )

    def read(drawn: Any) -> None:
        task, text, text_pair, changes = drawn
        example = checked(Example(task, text, text_pair))
        words = dict(enumerate(words_of_all(example.texts)))
        made = [Edit(words[place], replacement) for place, replacement in changes if place in words]
        ask(asked[task], edited(example, made).after)

    return inputs, read


def _uploads(folder: Path) -> Prepared:
    """Files of sentences, in UTF-8 or anything else."""
    valid = "\n".join(HOSTILE).encode()
    elsewhere = ANY_TEXT.map(partial(str.encode, encoding="utf-16", errors="surrogatepass"))
    return word_lists(valid) | strategies.binary() | elsewhere, lambda file: own_lines(text_of(file))


def _lines(folder: Path) -> Prepared:
    """Lines of a file of examples: JSON, damaged JSON, texts, and bytes that are neither."""
    valid = json_files(b'{"text": "Who was good?", "text_pair": "The old man."}')
    return valid | ANY_TEXT.map(partial(str.encode, errors="surrogatepass")) | strategies.binary(), partial(
        example_of, "question-answering"
    )


def _findings(folder: Path) -> Prepared:
    """Zip files of findings: broken ones, and such as hold results that nobody has measured."""
    question, keys = Question(PAIRS["embedded"], EXAMPLES["sentiment"]), ("answers", "attributions", "attention")
    checkpoints = Sides("bert", "distilbert").map(
        lambda kind: Checkpoint(str(tiny_checkpoint(folder / kind, kind, "sentiment")), kind)
    )
    with mock.patch.dict(os.environ, {"DISTILLENS_CACHE": str(folder / "results")}):
        pair = Pair("Tiny", "Tiny.", {"sentiment": checkpoints})
        valid = files_of(make_finding(FindingRequest(replace(question, pair=pair), {}, (*keys, "matching")), ""), {})
    changed = json_files(valid["results.json"]).map(lambda results: archive({**valid, "results.json": results}))
    return or_whole(damaged, archive(valid)) | changed, read_finding


def _walkthroughs(folder: Path) -> Prepared:
    """Files of walkthroughs: damaged ones, and such as say something else."""
    step = Step("Look", "One. Two.", "layer-map", "Slowly.", "similarity?task=sentiment&text=Not+good.", "layer-map")
    valid = written(Walkthrough("A talk", "About layers.", (step, step))).encode()

    def read(content: bytes) -> None:
        written(read_walkthrough(content)).encode()

    return or_whole(damaged, valid) | or_whole(word_lists, valid), read


def _packed(folder: Path) -> Prepared:
    """Texts that a link has packed, or a key of."""
    valid = ANY_TEXT.map(links.packed)
    broken = valid.map(str.encode).flatmap(damaged).map(partial(str, encoding="latin-1"))
    forms = strategies.sampled_from([links.PACKED, links.HASHED])
    names = strategies.tuples(strategies.sampled_from(LONG).map(name_of), forms).map("".join)

    def read(query: Mapping[str, Sequence[str]]) -> None:
        for key in LONG:
            text = address._long_value(key, query, address._Address())
            (text or "").encode()

    return strategies.dictionaries(names, strategies.lists(valid | broken | ANY_TEXT, max_size=2), max_size=4), read


def _edits(folder: Path) -> Prepared:
    """Edits as an address has them."""
    valid = edit_words.CODEC.write((1234, ((1, "new"), (3, None)))).encode()

    def read(written: str) -> None:
        with suppress(ValueError, KeyError):  # `Codec.read` says so
            edit_words.CODEC.write(edit_words.CODEC.read(written)).encode()

    return json_files(valid).map(AS_TEXT) | ANY_TEXT, read


def _pages(folder: Path) -> Prepared:
    """Addresses of every page but that which measures, opened in the app with a tiny pair."""
    checkpoints = {
        task: Sides("bert", "distilbert").map(
            lambda kind, task=task: Checkpoint(str(tiny_checkpoint(folder / task / kind, kind, task)), kind)
        )
        for task in TASKS
    }
    corpus = short_corpus(folder / "sentences.txt")

    def read(drawn: tuple[str, Mapping[str, str]]) -> None:
        page, query = drawn
        with (
            mock.patch.dict(PAIRS, {"embedded": Pair("Embedded (small)", "Tiny.", checkpoints)}),
            mock.patch.dict(os.environ, {"DISTILLENS_CACHE": str(folder / "results"), "HF_HUB_OFFLINE": "1"}),
            mock.patch("analysis.inputs.probe_corpus.SENTENCES", corpus),
        ):
            app = AppTest.from_file(APP, default_timeout=120)
            app.query_params.update(query)
            if page:
                app.switch_page(f"../pages/{page}")
            app.run()
        assert not app.exception, " ".join([app.exception[0].message, *app.exception[0].stack_trace[-2:]])

    read(("attention.py", {}))  # imports
    return strategies.tuples(strategies.sampled_from(SCRIPTS), addresses()), read


SCRIPTS = [entry.script if entry.path else "" for entry in PAGES if entry.path != "latency"]
NAMES = [*map(name_of, KEYS), *OLDER.values()]
TAB_NAMES = [name for names in TABS.values() for name in names]
OPTIONS = [*TASKS, *PAIRS, *TAB_NAMES, "own", "other", "true", "1.1", "2", "99999999999"]


@composite
def addresses(draw: DrawFn) -> dict[str, str]:
    """A query with a text that the tiny models can read, edits of it, and anything in a few other places."""
    task = draw(strategies.sampled_from(list(TASKS)))
    example = EXAMPLES[task]
    query = {"task": task, "text": example.text, "tab": draw(strategies.sampled_from(OPTIONS))}
    query |= {"text-pair": example.text_pair} if example.text_pair else {}
    changes = (before_and_after.checksum(example), ((1, "new"), (2, None)))
    values: dict[str, SearchStrategy[str]] = {
        **dict.fromkeys(NAMES, strategies.sampled_from(OPTIONS) | TEXTS),
        **{name_of(key) + links.PACKED: ANY_TEXT.map(links.packed) for key in LONG},
        **{name_of(key) + links.HASHED: TEXTS for key in LONG},
        "edits": json_files(edit_words.CODEC.write(changes).encode()).map(AS_TEXT),
    }
    for name in draw(strategies.lists(strategies.just("edits") | strategies.sampled_from(list(values)), max_size=4)):
        query[name] = draw(values[name])
    return query


TARGETS: dict[str, Target] = {
    "names of checkpoints": Target(_sources, 40),
    "texts and their edits": Target(_texts, 20),
    "saved findings": Target(_findings, 20),
    "walkthroughs": Target(_walkthroughs, 40),
    "lines of examples": Target(_lines, 40),
    "uploaded sentences": Target(_uploads, 40),
    "texts in links": Target(_packed, 40),
    "edits in links": Target(_edits, 40),
    "addresses of pages": Target(_pages, 1),
}
