"""Texts that are too long for an address, kept for the links that lead to them: 30 days, in a table of their own.

key = keep(text)  # "20261128-1f3b…": the day and a hash, so that a link says itself how long it leads there
recall(key)       # the text, or None
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta

import streamlit as st

from analysis.settings import settings
from cache.store import ResultStore, open_store

DAYS = 30
HASH_DIGITS = 20  # 80 bits: nobody finds a text without having been given its link
KEY = re.compile(rf"[0-9]{{8}}-[0-9a-f]{{{HASH_DIGITS}}}")


def hash_of(text: str) -> str:
    """The part of a text's key that is the same every day."""
    return _digits(_bytes(text))


def are_kept() -> bool:
    """Whether this server keeps texts: not if it is hosted, unless it is told to."""
    return settings().text_bytes > 0


def keep(text: str) -> str | None:
    """The key that recalls the text for `DAYS` days, as long as there is room; None where it is not kept."""
    if not are_kept():
        return None
    key = f"{datetime.now(UTC):%Y%m%d}-{hash_of(text)}"
    return key if _store().put(key, _bytes(text)) else None


def recall(key: str) -> str | None:
    """The text, or None if it was not kept here, its days are over, or newer ones took its room."""
    known = KEY.fullmatch(key) and key >= _oldest() and are_kept()
    data = _store().get(key) if known else None
    if data is None or not key.endswith(_digits(data)):  # a store may hold anything
        return None
    return data.decode("utf-8", "surrogatepass")


def _oldest() -> str:
    return f"{datetime.now(UTC) - timedelta(days=DAYS):%Y%m%d}"


def _digits(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:HASH_DIGITS]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@st.cache_resource(show_spinner=False)
def _store() -> ResultStore:
    chosen = settings()
    return open_store(chosen.cache_url, chosen.folder, chosen.text_bytes, "texts", DAYS)
