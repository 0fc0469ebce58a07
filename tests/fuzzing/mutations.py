"""Files as nobody should write them: what a valid one becomes by a few changes to its structure or to its bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

Damage = Callable[[bytes], SearchStrategy[bytes]]  # other contents of a file, from a valid one

BOM = "\ufeff"
# What no writer of JSON puts out, in the place of these strings: too deep, too long, too large, not in the standard.
RAW = {
    "<deep>": "[" * 100_000 + "]" * 100_000,
    "<deep table>": '{"a":' * 5_000 + "0" + "}" * 5_000,
    "<digits>": "9" * 5_000,
    "<exponent>": "1e999999",
    "<long>": '"' + "x" * 200_000 + '"',
    "<escaped>": r'"\ud83d\u0000\udc00"',
}
NUMBERS = (0, 1, -1, 2, 3, 7, 255, 10**4, 2**31, 2**32 + 1, 2**62, 2**63, 2**64, -(2**63), 10**30, 0.5, 1e-300, 1e308)
NOT_FINITE = (float("nan"), float("inf"), float("-inf"))
STRINGS = ("", " ", "0", "x", "\0", "\ud800", "\n", "é", "[MASK]", "##", "../..", "/", "a.b", "True", BOM)
EMPTY: tuple[Any, ...] = (None, True, False, [], {}, [[]], [None], {"": None})
SPLICES = (b"", b"\0", b"\xff", b"\xff" * 8, b"\xed\xa0\x80", b"\xc3", b"\r", b"\n", b'"', b"{", b"[", b"9" * 30)

odd_values: SearchStrategy[Any] = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(NOT_FINITE),
    st.sampled_from(STRINGS),
    st.sampled_from(EMPTY),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
)


def or_whole(damage: Damage, valid: bytes) -> SearchStrategy[bytes]:
    """Contents of a file, one in nine as it was: where that is refused, nothing else is tried either."""
    return st.integers(0, 8).flatmap(lambda number: damage(valid) if number else st.just(valid))


@st.composite
def changed_trees(draw: DrawFn, tree: Any, keys: SearchStrategy[str], values: SearchStrategy[Any]) -> Any:
    """JSON's values with one of them changed, added, renamed or gone."""
    if not tree or not isinstance(tree, dict | list) or draw(st.integers(0, 14)) == 0:
        return draw(values)
    copy: Any = tree.copy()
    place = draw(st.sampled_from(list(copy) if isinstance(copy, dict) else range(len(copy))))
    match draw(st.sampled_from(["deeper"] * 7 + ["added", "gone", "renamed"])):
        case "added" if isinstance(copy, dict):
            copy[draw(keys)] = draw(values)
        case "added":
            copy.insert(place, draw(values | st.sampled_from(copy)))
        case "renamed" if isinstance(copy, dict):
            copy[draw(keys)] = copy.pop(place)
        case "gone":
            del copy[place]
        case _:
            copy[place] = draw(changed_trees(copy[place], keys, values | st.sampled_from(_held(tree))))
    return copy


@st.composite
def json_files(
    draw: DrawFn, valid: bytes, known: Sequence[Any] = (), parts: Mapping[str, Sequence[Any]] | None = None
) -> bytes:
    """A JSON file after up to three changes of its tree, or of its bytes.

    `known` is what its reader may know; `parts` can stand whole in the place of what is under their keys.
    """
    if draw(st.integers(0, 14)) == 0:
        return draw(damaged(valid))
    values = st.sampled_from(list(RAW)) if draw(st.integers(0, 14)) == 0 else odd_values
    keys = st.sampled_from(STRINGS) | st.text(max_size=9)
    if known:
        values |= st.sampled_from(known)
        keys |= st.sampled_from([word for word in known if isinstance(word, str)])
    tree = json.loads(valid)
    exchanged = draw(st.lists(st.sampled_from(list(parts)), max_size=2)) if parts else []
    for key in exchanged:
        tree[key] = draw(st.sampled_from((parts or {})[key]))
    for _ in range(draw(st.sampled_from([0, 0, 1] if exchanged else [1, 1, 2, 3]))):
        tree = draw(changed_trees(tree, keys, values))
    text = json.dumps(tree, ensure_ascii=draw(st.integers(0, 5)) > 0)
    if isinstance(tree, dict) and tree and draw(st.integers(0, 19)) == 0:  # a key twice
        twice = json.dumps(draw(st.sampled_from(list(tree))))
        text = f"{{{twice}: {json.dumps(draw(odd_values))}, {text[1:]}"
    for mark, raw in RAW.items():
        text = text.replace(json.dumps(mark), raw)
    prefix = BOM if draw(st.integers(0, 29)) == 0 else ""
    return (prefix + text).encode("utf-8", "surrogatepass")


@st.composite
def damaged(draw: DrawFn, content: bytes) -> bytes:
    """Bytes flipped, cut off, put in, left out or repeated, up to three times."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 64)))
        match draw(st.sampled_from(["flip", "cut", "splice", "repeat"])):
            case "flip" if start < len(content):
                flipped = content[start] ^ draw(st.integers(1, 255))
                content = content[:start] + bytes([flipped]) + content[start + 1 :]
            case "cut":
                content = content[:start]
            case "repeat":
                content = content[:end] + content[start:end] * draw(st.integers(1, 50)) + content[end:]
            case _:
                content = content[:start] + draw(st.sampled_from(SPLICES) | st.binary(max_size=16)) + content[end:]
    return content


LENGTHS = (0, 1, 7, 2**20, 100_000_001, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 1)
DTYPES = (
    *("F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "U16", "U32", "U64", "BOOL", "C64"),
    *("F8_E4M3", "F8_E5M2", "F8_E8M0", "F4", "F6_E2M3", "f32", "dtype", "shape", "data_offsets", "__metadata__"),
)


@st.composite
def safetensors_files(draw: DrawFn, valid: bytes) -> bytes:
    """A safetensors file whose header lies about lengths, offsets, types or shapes, or whose numbers are others."""
    if draw(st.integers(0, 3)) == 0:
        return draw(damaged(valid))
    size = 8 + int.from_bytes(valid[:8], "little")
    tensors, header, data = json.loads(valid[8:size]), valid[8:size], valid[size:]
    if draw(st.integers(0, 4)):
        header = draw(json_files(header, (*DTYPES, *tensors)))
    if draw(st.integers(0, 4)) == 0:
        data = draw(damaged(data))
    length = draw(st.just(len(header)) | st.just(len(header)) | st.sampled_from(LENGTHS))
    return length.to_bytes(8, "little") + header + data


@st.composite
def word_lists(draw: DrawFn, valid: bytes) -> bytes:
    """A file of lines, some of them others, in another order, more than once or gone."""
    if draw(st.integers(0, 2)) == 0:
        return draw(damaged(valid))
    lines = valid.splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(lines) - 1))
        line = draw(st.text(max_size=12).map(lambda text: f"{text}\n") | st.sampled_from(["\n", "\r", "x" * 200_000]))
        lines[place : place + draw(st.integers(0, 2))] = [line.encode("utf-8", "surrogatepass")]
    return b"".join(draw(st.permutations(lines)) if draw(st.integers(0, 9)) == 0 else lines)


def _held(tree: Any) -> list[Any]:
    """What a tree holds: values that fit, only elsewhere."""
    return list(tree.values()) if isinstance(tree, dict) else list(tree)
