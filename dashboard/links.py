"""Values as the query of an address: what is too long for one leaves it, and a link carries it in another form.

The address bar holds `MOST_BYTES`. A text that it cannot hold stands there as a hash, which the session understands; a
link has the text compressed, and beyond `MOST_LINK_BYTES` as a key of the store, if this server keeps texts.
"""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from cache import long_texts
from dashboard.address_keys import KEYS, LONG, name_of

MOST_BYTES, MOST_LINK_BYTES = 4_000, 8_000
MOST_UNPACKED = 1_000_000  # bytes; a link that says more is not read on
HASHED, PACKED = ".key", ".z"  # after the key of a text that is not there itself

Query = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Link:
    """The query that leads to a view from anywhere, and the keys of texts that it has only as keys of the store.

    `kept` are in the store of this server, `lost` nowhere.
    """

    query: str
    kept: tuple[str, ...]
    lost: tuple[str, ...]


def spelt_out(values: Mapping[str, str]) -> Query:
    """All values, by the keys of the address."""
    query: Query = {}
    for key in KEYS:
        if key in values:
            query.setdefault(name_of(key), []).append(values[key])
    return query


def shortened(values: Mapping[str, str]) -> tuple[Query, dict[str, str]]:
    """The query for the address bar, and by their hashes the texts that are not in it."""
    query, left = spelt_out(values), {}
    for key in _longest_first(values):
        if _size(query) > MOST_BYTES:
            digits = long_texts.hash_of(values[key])
            left[digits] = values[key]
            query = _replaced(query, name_of(key), HASHED, digits)
    return query, left


def link(values: Mapping[str, str]) -> Link:
    """The link to a view. A text that is too long for any is kept by this call, where this server keeps texts."""
    query = spelt_out(values)
    for key in _longest_first(values):
        if _size(query) > MOST_BYTES:
            query = _replaced(query, name_of(key), PACKED, packed(values[key]))
    found: dict[bool, list[str]] = {True: [], False: []}
    for key in _longest_first({key: "".join(_found(query, name_of(key))) for key in values}):
        if _size(query) > MOST_LINK_BYTES:
            stored = long_texts.keep(values[key])
            query = _replaced(query, name_of(key), HASHED, stored)
            found[stored is not None].append(name_of(key))
    return Link(urlencode(query, doseq=True), tuple(found[True]), tuple(found[False]))


def _found(query: Query, name: str) -> list[str]:
    """A value as it stands in the query, packed or not."""
    return query.get(name + PACKED, query.get(name, []))


def _replaced(query: Query, name: str, form: str, value: str | None) -> Query:
    """The query with one text in another form, or without it where there is none."""
    others = {key: values for key, values in query.items() if key not in (name, name + PACKED)}
    return others if value is None else others | {name + form: [value]}


def packed(text: str) -> str:
    """A text compressed, in the characters of an address."""
    return urlsafe_b64encode(zlib.compress(text.encode("utf-8", "surrogatepass"), 9)).decode().rstrip("=")


def unpacked(code: str) -> str:
    """The text that was packed. Raises `ValueError` for anything else, and beyond `MOST_UNPACKED` bytes."""
    unzip = zlib.decompressobj()
    try:
        text = unzip.decompress(urlsafe_b64decode(code + "=" * (-len(code) % 4)), MOST_UNPACKED)
    except (zlib.error, NotBase64) as error:
        raise ValueError("not a packed text") from error
    if not unzip.eof:
        raise ValueError("more than a link may say")
    return text.decode()  # no halves of surrogate pairs, which no page can show


def _longest_first(values: Mapping[str, str]) -> list[str]:
    return sorted((key for key in LONG if key in values), key=lambda key: -len(values[key]))


def _size(query: Mapping[str, Sequence[str]]) -> int:
    return len(urlencode(query, doseq=True))
