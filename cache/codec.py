"""Results as bytes and back: a tree of frozen dataclasses becomes one checked blob, without pickle.

    data = encode(prediction)
    prediction = decode(Classification, data)

Layout: MAGIC, SHA-256 of all that follows, length of the tree (8 bytes, little-endian), the tree as JSON, the arrays as
safetensors (https://huggingface.co/docs/safetensors). Only classes that the annotations of the asked type lead to are
made, so bytes from elsewhere can at worst be refused.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from analysis.arrays import Array
from analysis.errors import AnalysisError

Value = TypeVar("Value")

MAGIC = b"DLens\x00\x00\x01"
BODY = len(MAGIC) + hashlib.sha256().digest_size
TREE = BODY + 8
DTYPES = frozenset(map(np.dtype, ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "c8"]))
SCALARS: dict[Any, Any] = {str: str, bool: bool, int: int, float: (float, int), NoneType: NoneType}
CONTAINERS = (tuple, dict, Mapping, np.ndarray)
UNREADABLE = (KeyError, OverflowError, RecursionError, SafetensorError, ValueError)  # KeyError: no such field or dtype


class CorruptResult(Exception):
    """The bytes are not a whole result of the asked type: forget them and compute again."""


def encode(value: object, significant_bits: int | None = None) -> bytes:
    """Bytes from which `decode` makes an equal value; TypeError for what a result cannot hold.

    With `significant_bits`, the floating-point numbers in arrays are rounded to so many: they compress well then.
    """
    arrays: dict[str, Array] = {}
    # surrogatepass, not \u escapes: JSON readers join two escaped lone surrogates into one character
    tree = json.dumps(_tree(value, arrays), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    if significant_bits is not None:
        arrays = {name: rounded(array, significant_bits) for name, array in arrays.items()}
    body = len(tree).to_bytes(8, "little") + tree + safetensors.numpy.save(arrays)
    return MAGIC + hashlib.sha256(body).digest() + body


def decode(value_type: type[Value], data: bytes) -> Value:
    """The encoded value, its arrays read-only. DamagedResult for any other bytes, TypeError for an unknown type."""
    if data[: len(MAGIC)] != MAGIC or hashlib.sha256(memoryview(data)[BODY:]).digest() != data[len(MAGIC) : BODY]:
        raise CorruptResult("These bytes are not a whole result of this version: their checksum does not match.")
    end = TREE + int.from_bytes(data[BODY:TREE], "little")
    try:
        tree = json.loads(data[TREE:end].decode("utf-8", "surrogatepass"))
        return cast(Value, _build(value_type, tree, safetensors.numpy.load(data[end:])))
    except UNREADABLE as error:
        raise CorruptResult(f"The result cannot be read: {error}") from error


def rounded(array: Array, significant_bits: int) -> Array:
    """The array with its floating-point numbers rounded to so many bits; an array of anything else as it is."""
    if array.dtype.kind != "f":
        return array
    fraction, exponent = np.frexp(array)
    near: Array = np.ldexp(np.rint(fraction * 2**significant_bits) / 2**significant_bits, exponent)
    return near.astype(array.dtype)


def _tree(value: object, arrays: dict[str, Array]) -> object:
    """The value in JSON's terms; its arrays are put into `arrays` and leave their name behind."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, tuple):
        return [_tree(item, arrays) for item in value]
    if isinstance(value, np.ndarray) and value.dtype in DTYPES:
        arrays[name := str(len(arrays))] = np.asarray(value, order="C")
        return {"array": name}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {"mapping": {key: _tree(item, arrays) for key, item in value.items()}}
    if is_dataclass(value) and not isinstance(value, type):
        content = {field.name: _tree(getattr(value, field.name), arrays) for field in fields(value) if field.init}
        return {"class": _name(type(value)), "fields": content}
    kind = f"an array of {value.dtype}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
    raise TypeError(f"A result cannot hold {kind}: use dataclasses, tuples, str-keyed mappings, scalars and arrays.")


def _build(kind: Any, tree: Any, arrays: dict[str, Array]) -> Any:
    """The value of the annotation `kind` that the tree describes."""
    origin = get_origin(kind) or kind
    if origin in (Union, UnionType):
        return _first_fit(kind, tree, arrays)
    if origin not in SCALARS and origin not in CONTAINERS and not is_dataclass(origin):
        raise TypeError(f"A result cannot have a field of type {kind}: the codec knows no bytes for it.")
    match tree:
        case None | str() | int() | float() if isinstance(tree, SCALARS.get(origin, ())):
            return tree
        case list() if origin is tuple:
            return _tuple(kind, tree, arrays)
        case {"array": str(name)} if origin is np.ndarray and name in arrays:
            arrays[name].flags.writeable = False
            return arrays[name]
        case {"mapping": dict(items)} if origin in (dict, Mapping):
            return {name: _build(get_args(kind)[1], item, arrays) for name, item in items.items()}
        case {"class": name, "fields": dict(items)} if is_dataclass(origin) and name == _name(origin):
            return _dataclass(kind, items, arrays)
    raise CorruptResult(f"The result holds something else where {kind} belongs.")


def _first_fit(union: Any, tree: Any, arrays: dict[str, Array]) -> Any:
    """The tree as the first member of a union that fits; a dataclass carries its name, so at most one of them does."""
    for kind in get_args(union):
        with contextlib.suppress(CorruptResult):
            return _build(kind, tree, arrays)
    raise CorruptResult(f"The result holds something else where {union} belongs.")


def _tuple(kind: Any, items: list[Any], arrays: dict[str, Array]) -> tuple[Any, ...]:
    kinds = get_args(kind)
    if kinds[1:] == (...,):
        kinds = kinds[:1] * len(items)
    if len(kinds) != len(items):
        raise CorruptResult(f"The result has {len(items)} items where {kind} belongs.")
    return tuple(_build(kind, item, arrays) for kind, item in zip(kinds, items, strict=True))


def _dataclass(kind: Any, items: dict[str, Any], arrays: dict[str, Array]) -> Any:
    values = {
        name: _build(field_kind, items[name], arrays)
        for name, field_kind in _field_types(kind).items()
        if name in items  # an older result may lack a field that has a default; without any other it cannot be made
    }
    try:
        return (get_origin(kind) or kind)(**values)
    except (AnalysisError, ArithmeticError, LookupError, TypeError, ValueError) as error:  # from its __post_init__
        raise CorruptResult(f"{kind} refuses the stored fields: {error}") from error


@functools.cache
def _field_types(kind: Any) -> dict[str, Any]:
    """The annotation of every field that the constructor takes; in those of `Sides[X]`, X is in its place."""
    origin = get_origin(kind) or kind
    hints = get_type_hints(origin)
    known = dict(zip(getattr(origin, "__parameters__", ()), get_args(kind), strict=False))
    return {field.name: _substituted(hints[field.name], known) for field in fields(origin) if field.init}


def _substituted(kind: Any, known: dict[Any, Any]) -> Any:
    wrapped: Any = tuple[kind]  # a bare type variable takes no arguments, a tuple of it does
    chosen = tuple(known.get(parameter, parameter) for parameter in wrapped.__parameters__)
    return get_args(wrapped[chosen])[0] if chosen else kind


def _name(kind: Any) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
