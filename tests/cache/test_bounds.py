"""All that a server keeps between two runs of a page has a bound, and the bytes that it takes stay within it."""

from __future__ import annotations

import ast
import gc
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import streamlit as st
import torch

from analysis.arrays import frozen
from analysis.inputs.examples import Example
from analysis.inputs.words import Word
from analysis.models import tokens
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.weight_files import Weights
from analysis.predictions.fill_mask import MaskPredictions
from analysis.settings import settings
from cache import remember
from cache.codec import decode, encode
from cache.loaded_models import PIECE_BYTES, held_bytes
from cache.lru_memory import bytes_of
from cache.measurements import Asked
from dashboard import address
from dashboard import measurements as dashboard_measurements
from dashboard.ui.figures import drawn
from tests.support.made_up_profiles import profile
from tests.support.small_pair import lower_cased_tokenizer

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("analysis", "cache", "dashboard", "pages")
FEW = {  # what remembers one value for each file or class of the program
    "analysis/attribution/measured.py _gains",
    "analysis/attribution/measured.py _grades",
    "cache/codec.py _field_types",
    "dashboard/present/library.py our_walkthrough",
    "dashboard/report/document.py environment",
    "dashboard/report/document.py own",
    "dashboard/ui/bertviz_html.py library",
}
KEEPERS = ("cache", "lru_cache", "cache_resource", "cache_data")
CONTAINERS = ("dict", "list", "set", "defaultdict", "deque", "OrderedDict", "WeakKeyDictionary", "WeakValueDictionary")


def keepers_without_a_bound(name: str, source: str) -> Iterator[str]:
    """Functions that remember one value for each argument, however many, and modules' variables that can grow."""
    module = ast.parse(source)
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and any(map(_keeps_all, node.decorator_list)):
            asked = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
            if any(asked):
                yield f"{name} {node.name}"
    for body in (module.body, *(node.body for node in ast.walk(module) if isinstance(node, ast.ClassDef))):
        for node in body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and _grows(node.value):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                yield from (f"{name} {ast.unparse(target)}" for target in targets if not _is_table(target))


def _keeps_all(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    options = decorator.keywords if isinstance(decorator, ast.Call) else []
    bounded = any(
        isinstance(option.value, ast.Constant) and isinstance(option.value.value, int)
        for option in options
        if option.arg in ("maxsize", "max_entries")
    )
    return _last_name(called) in KEEPERS and not bounded


def _grows(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Dict | ast.List | ast.Set) or (
        isinstance(value, ast.Call) and _last_name(value.func) in CONTAINERS
    )


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_table(target: ast.expr) -> bool:
    """Whether its name says that it is written once."""
    return not isinstance(target, ast.Name) or target.id.isupper() or target.id.startswith("__")


def test_nothing_is_kept_without_a_bound() -> None:
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    found = {
        keeper
        for path in paths
        for keeper in keepers_without_a_bound(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    }
    assert found == FEW


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("@functools.cache\ndef all_of(text): ...", ["x all_of"]),
        ("@lru_cache(maxsize=None)\ndef all_of(text): ...", ["x all_of"]),
        ("class A:\n    @lru_cache\n    def all_of(self): ...", ["x all_of"]),
        ("@st.cache_data(ttl=9)\ndef all_of(*texts): ...", ["x all_of"]),
        ("_seen: dict[str, str] = {}", ["x _seen"]),
        ("_seen = collections.deque()", ["x _seen"]),
        ("@cache\ndef one(): ...", []),
        ("@lru_cache(maxsize=8)\ndef last(text): ...", []),
        ("TABLE = {}", []),
    ],
)
def test_a_keeper_without_a_bound_is_found(source: str, found: list[str]) -> None:
    assert list(keepers_without_a_bound("x", source)) == found


def attention(number: int) -> tuple[Any, ...]:
    """As a trace of 40 tokens has it."""
    return (np.full((6, 12, 40, 40), number, dtype=np.float32), ("[CLS]", f"word {number}", "[SEP]"))


def fill_mask_answer(number: int) -> MaskPredictions:
    """As it comes from the store, with a vocabulary of its own."""
    pieces = tuple(f"##{number} {place}" for place in range(8_000))
    answer = MaskPredictions((Word("[MASK]", 0, 6),), pieces, frozen(np.full((1, 8_000), 1 / 8_000)))
    return decode(MaskPredictions, encode(answer))


def figure(number: int) -> go.Figure:
    """As pages draw them: numbers, words to hover over, a layout."""
    words = [f"word {number} {place}" for place in range(300)]
    bars = go.Bar(x=words, y=[number / (place + 1) for place in range(300)], customdata=[[word] for word in words])
    map_ = go.Heatmap(z=np.full((40, 40), float(number)), text=[[f"{number} {word}" for word in words[:40]]] * 40)
    return go.Figure([bars, map_], {"title": {"text": str(number)}})


KINDS: dict[str, tuple[int, Callable[[int], object]]] = {  # how many, and how one is asked for
    "traces": (8, lambda number: remember.derive("trace", (number,), lambda: number, attention)),
    "answers": (8, lambda number: remember.derive("answer", (number,), lambda: number, fill_mask_answer)),
    "figures": (30, lambda number: drawn(figure, number)),
    "words": (3_000, lambda number: remember.derive("word", ("x" * 500, number), lambda: number, str)),
}
BOUND = 1_500_000
LAST_DRAWN = 300_000  # what is still held of the last values made, however many were


@pytest.mark.usefixtures("nothing_remembered")
@pytest.mark.parametrize("kind", KINDS)
def test_results_in_memory_take_no_more_than_the_setting_says(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTILLENS_RESULTS_GB", str(BOUND / 1e9))
    count, ask = KINDS[kind]
    ask(-1)  # imports, and what is made once
    tracemalloc.start()
    try:
        for number in range(count):
            ask(number)
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(remember.memory().keys()) < count, "There was room for all: ask for more."
    assert BOUND / 3 < taken <= BOUND + LAST_DRAWN
    assert remember.memory().used_bytes <= BOUND == settings().result_bytes


def test_the_bytes_of_a_value_are_those_of_all_that_it_leads_to() -> None:
    shared = "x" * 10_000
    assert 10_000 < bytes_of((shared, shared)) < 10_500
    assert bytes_of(np.zeros(1_000)[:1]) > 8_000  # what it is a view of
    assert bytes_of({"a": [np.zeros(1_000), Example("sentiment", shared)]}) > 18_000
    assert bytes_of(Sides) == bytes_of(gc) == bytes_of(len) == 0


def test_a_model_is_counted_with_its_base_and_its_tokenizer(tiny_pairs: dict[str, Sides[Model]]) -> None:
    alone = replace(tiny_pairs["sentiment"].teacher, weights=None)
    own = next(alone.network.parameters()).detach()
    with_base = replace(alone, weights=Weights(same=own, merged=torch.zeros(1_000)))
    assert held_bytes(alone) == alone.size_bytes + PIECE_BYTES * len(alone.tokenizer)
    assert held_bytes(with_base) == held_bytes(alone) + 4_000


def test_what_follows_from_a_tokenizer_goes_with_it() -> None:
    made: list[int] = []

    class Pieces(tuple):
        def __del__(self) -> None:
            made.append(-len(self))

    @tokens.once_a_tokenizer
    def pieces(_: object, count: int) -> Pieces:
        made.append(count)
        return Pieces(range(count))

    tokenizer = lower_cased_tokenizer()
    assert pieces(tokenizer, 3) is pieces(tokenizer, 3)
    assert len(pieces(tokenizer, 4)) == 4
    assert made == [3, 4]
    del tokenizer
    gc.collect()
    assert sorted(made[2:]) == [-4, -3]


def test_a_session_keeps_the_last_measurements() -> None:
    st.session_state.clear()
    most = dashboard_measurements.MOST_KEPT
    asked = [Asked("text", texts=(str(number),)) for number in range(2 * most)]
    value = profile(1.9, 2.0)
    for one in (*asked, asked[most], Asked("quality")):
        dashboard_measurements.keep(one, value)
    left = [number for number, one in enumerate(asked) if one in st.session_state[dashboard_measurements.KEPT]]
    assert left == [most, *range(most + 2, 2 * most)]


def test_a_session_remembers_long_texts_within_their_bounds() -> None:
    many = {str(number): "x" for number in range(30)}
    assert list(address._newest(many)) == list(many)[-address.MOST_LONG :]
    large = {str(number): "x" * (address.MOST_CHARACTERS // 3) for number in range(5)}
    assert list(address._newest(large)) == ["2", "3", "4"]
    assert address._newest({**large, "larger": "x" * (address.MOST_CHARACTERS + 1)}) == {}
