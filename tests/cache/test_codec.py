"""Results survive as bytes, whatever they hold, and all other bytes are refused."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analysis.arrays import Array
from cache import codec
from cache.codec import CorruptResult, decode, encode

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Leaf:
    text: str
    share: float
    flag: bool | None


@dataclass(frozen=True, slots=True)
class Curve:
    values: Array

    def __post_init__(self) -> None:
        if self.values.ndim > 3:
            raise ValueError(f"{self.values.ndim} axes are too many.")


@dataclass(frozen=True, slots=True)
class Tree:
    pair: tuple[int, str]
    branches: tuple[Leaf | Curve | Tree, ...]
    notes: Mapping[str, str | Leaf | bool]
    table: dict[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Grown:
    """A result that has a field more than when the first of its kind were stored."""

    name: str
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Both(Generic[T]):
    one: T
    more: tuple[T, ...]


texts = st.text(st.characters(exclude_categories=[])) | st.sampled_from(["\0", "\ud83d", "\ud83d\ude00", "\\ud83d"])
leaves = st.builds(Leaf, texts, st.floats(), st.none() | st.booleans())
curves = st.builds(Curve, hnp.arrays(st.sampled_from([*codec.DTYPES]), hnp.array_shapes(min_dims=0, min_side=0)))
notes = st.dictionaries(texts, texts | leaves | st.booleans(), max_size=3)
tables = st.dictionaries(texts, st.lists(st.floats(), max_size=3).map(tuple), max_size=3)
branches = st.deferred(lambda: st.lists(leaves | curves | trees, max_size=3).map(tuple))
trees: st.SearchStrategy[Tree] = st.builds(Tree, st.tuples(st.integers(), texts), branches, notes, tables)
words = st.sampled_from(["0", "9", "array", "mapping", "class", "fields", f"{Leaf.__module__}.Tree", "os.system"])
parts = st.recursive(st.none() | st.floats() | words, lambda inner: st.lists(inner) | st.dictionaries(words, inner))
CURVE = json.dumps({"class": f"{Curve.__module__}.Curve", "fields": {"values": {"array": "0"}}})


def exact(value: object) -> str:
    with np.printoptions(threshold=sys.maxsize, floatmode="unique"):  # NaN is NaN, 1 is not True
        return repr(value)


def forged(tree: str, arrays: bytes) -> bytes:
    """Bytes by someone who knows the format, checksum and all."""
    written = tree.encode("utf-8", "surrogatepass")
    body = len(written).to_bytes(8, "little") + written + arrays
    return codec.MAGIC + hashlib.sha256(body).digest() + body


def with_a_graft(tree: Any, part: Any, data: st.DataObject) -> Any:
    if not tree or not isinstance(tree, dict | list) or data.draw(st.integers(0, 4)) == 0:
        return part
    copy, place = tree.copy(), data.draw(st.sampled_from(list(tree) if isinstance(tree, dict) else range(len(tree))))
    copy[place] = with_a_graft(tree[place], part, data)
    return copy


@given(trees)
def test_what_was_encoded_comes_back(tree: Tree) -> None:
    assert exact(decode(Tree, encode(tree))) == exact(tree)


@pytest.mark.parametrize("view", [np.eye(3, 4).T, np.eye(3, 4)[:, ::2], np.eye(3)[1, 2, ...]])
def test_arrays_come_back_read_only_from_any_memory_order(view: Array) -> None:
    array = decode(Curve, encode(Curve(view))).values
    assert np.array_equal(array, view)
    assert not array.flags.writeable


def test_a_field_with_a_default_may_be_missing_and_no_other() -> None:
    def without(field: str) -> bytes:
        value = {"name": "a", "since": 3}
        del value[field]
        tree = json.dumps({"class": f"{__name__}.Grown", "fields": value})
        return forged(tree, safetensors.numpy.save({}))

    assert decode(Grown, without("since")) == Grown("a")
    with pytest.raises(CorruptResult):
        decode(Grown, without("name"))


def test_a_generic_dataclass_is_read_by_its_parameter() -> None:
    data = encode(Both((1, 2), (Curve(np.ones(2)),)))
    assert exact(decode(Both[tuple[int] | tuple[int, ...] | Curve], data)) == exact(Both((1, 2), (Curve(np.ones(2)),)))
    with pytest.raises(TypeError, match="a field of type"):
        decode(Both, data)


@given(trees, st.data())
def test_any_changed_byte_is_noticed(tree: Tree, data: st.DataObject) -> None:
    whole = encode(tree)
    place, flip = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    flipped = whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :]
    for damaged in (flipped, whole[:place], whole[place + 1 :], whole + b"\0"):
        with pytest.raises(CorruptResult):
            decode(Tree, damaged)


@given(trees, parts, st.binary() | st.none(), st.data())
def test_a_forged_tree_is_a_tree_or_refused(tree: Tree, part: Any, blob: bytes | None, data: st.DataObject) -> None:
    arrays: dict[str, Array] = {}
    written = json.dumps(with_a_graft(codec._tree(tree, arrays), part, data), ensure_ascii=False)
    with contextlib.suppress(CorruptResult):
        assert isinstance(decode(Tree, forged(written, safetensors.numpy.save(arrays) if blob is None else blob)), Tree)


@pytest.mark.parametrize("tree", ["[" * 99_999, "9" * 5_000, '"', CURVE.replace("C", ""), CURVE.replace("val", "")])
def test_hostile_trees_are_refused(tree: str) -> None:
    with pytest.raises(CorruptResult):
        decode(Curve, forged(tree, safetensors.numpy.save({"0": np.ones(1)})))


@pytest.mark.parametrize("dtype", ["F32", "BF16", "F4", "object"])
@pytest.mark.parametrize("shape", [[1], [-1], [2], [2**62, 4], [0, 2**63], [1] * 4, [1] * 65])
def test_hostile_arrays_are_refused(dtype: str, shape: list[int]) -> None:
    header = json.dumps({"0": {"dtype": dtype, "shape": shape, "data_offsets": [0, 4]}}).encode()
    with pytest.raises(CorruptResult) if (dtype, shape) != ("F32", [1]) else contextlib.nullcontext():
        decode(Curve, forged(CURVE, len(header).to_bytes(8, "little") + header + bytes(4)))


@pytest.mark.parametrize(
    "value", [b"a", [1], {1: 2}, {"a": {3}}, np.array(["a"]), np.array([None]), np.float32(1), Leaf]
)
def test_what_cannot_be_remembered_is_a_mistake(value: object) -> None:
    with pytest.raises(TypeError, match="A result cannot hold"):
        encode((value,))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_numbers_rounded_to_some_bits_are_near_and_rounded_once(dtype: str) -> None:
    whole = np.random.default_rng(0).normal(size=1000).astype(dtype) * np.logspace(-30, 30, 1000).astype(dtype)
    values = Curve(np.concatenate([whole, [0, -0.0, np.inf, -np.inf, np.nan]]).astype(dtype))
    near = decode(Curve, encode(values, significant_bits=12)).values
    assert near.dtype == dtype
    np.testing.assert_allclose(near, values.values, rtol=2.0**-12, atol=0)
    assert len(np.unique(np.frexp(near[:1000])[0])) <= 2 * 2**12
    assert exact(np.signbit(near)) == exact(np.signbit(values.values))
    assert encode(Curve(near), significant_bits=12) == encode(values, significant_bits=12)
    assert decode(Curve, encode(Curve(near))).values.tobytes() == near.tobytes()


def test_what_is_no_floating_point_number_is_not_rounded() -> None:
    for array in (np.arange(100_000), np.array([True, False]), np.arange(255, dtype="u1")):
        assert encode(Curve(array), significant_bits=4) == encode(Curve(array))
