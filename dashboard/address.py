"""The address: what the reader has chosen stands in it, so that a copied link opens the same view and Back leads back.

A widget gets its key and its value from here:

    method = address.Choice(METHODS, "method").draw(st.selectbox, "Method", width=200)
    exact = st.toggle("Measure it", key=address.keep("steady", False, FLAG))

Streamlit's own `bind="query-params"` writes the labels of a widget, which change with the words of the interface, and
replaces the browser's entry of the history, so that Back would skip it. Here the server writes stable names, which
makes a step of every change. What differs from its default is in the address, on whichever page it was chosen: a click
on another page then changes the path alone, which is one step and not two.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cache import long_texts
from dashboard import links
from dashboard.address_keys import KEYS, LONG, OF_TALK, RENAMED, name_of, slug, value_of

T = TypeVar("T")

MOST_LONG = 20  # texts that a session remembers for Back
MOST_CHARACTERS = 2_000_000  # of all of them


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """How a value is written into the address and read from it; `read` raises a ValueError or KeyError if it cannot."""

    read: Callable[[str], T]
    write: Callable[[T], str]


TEXT: Codec[str] = Codec(str, str)
NUMBER: Codec[int] = Codec(int, str)
FLAG: Codec[bool] = Codec({"true": True, "false": False}.__getitem__, lambda flag: str(flag).lower())


@dataclass(slots=True)
class _Address:
    """What a session knows of its address.

    `values` are those that differ from their defaults, by the keys of the session. `drawn` are the widgets of this run,
    each with its default and how to write it. `unknown` are sentences about values that could not be read. `fresh` is
    whether this run has read the address: then it stays as it was written, also where it has older names. `long` are
    the texts that have left the address, by their hashes. `opened` is whether the session has drawn a page.
    """

    query: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    drawn: dict[str, tuple[Any, Callable[[Any], str]]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    fresh: bool = False
    long: dict[str, str] = field(default_factory=dict)
    opened: bool = False


def take_along(alone: Iterable[st.Page]) -> None:
    """Puts what is chosen into the address of another page that is clicked on, but not where one stands `alone`.

    Call it before `st.navigation`: after a click there the browser asks for the page without a query, and takes the
    one that is written now into the same step.
    """
    address, context = _address(), get_script_run_ctx()
    asked_for, by_history = (context.page_script_hash, context.is_history_navigation) if context else ("", False)
    if not query() and address.query and not by_history and asked_for not in [page._script_hash for page in alone]:
        _write(address)


def begin() -> None:
    """Reads the address if it is another one than the session has written: a link, or Back and Forward."""
    address, asked = _address(), query()
    address.drawn.clear()
    address.fresh, address.opened = False, True
    if asked != address.query:
        address.query, address.unknown = asked, []
        address.values = {key: value for key in KEYS if (value := value_of(key, asked)) is not None}
        address.values |= {key: text for key in LONG if (text := _long_value(key, asked, address)) is not None}
        address.fresh = True
        for key in KEYS:
            st.session_state.pop(key, None)  # so that each widget takes its value from here when its page is drawn


def older_link() -> dict[str, list[str]]:
    """The query with which the session was opened, if it makes a choice; {} at any other time.

    The page without a query of its own hands it on to the one that links meant when they were made. Back may lead to
    it again, and shows the page.
    """
    asked, opened = query(), _address().opened
    _address().opened = True
    chosen = any(value_of(key, asked) is not None for key in KEYS)
    packed = any(name_of(key) + form in asked for key in LONG for form in (links.PACKED, links.HASHED))
    return asked if not opened and (chosen or packed) else {}


def finish() -> None:
    """Writes what is chosen now into the address; the last thing in a run."""
    address = _address()
    before = dict(address.values)
    for key, (default, write) in address.drawn.items():
        value = st.session_state[key]
        if value == default:
            address.values.pop(key, None)
        else:
            address.values[key] = write(value)
    if address.values != before and not address.fresh:
        address.unknown = []
        _write(address)


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """One of some options: the first, or the `default`, unless the reader chooses another.

    `named` gives an option's name in the address, `title` the one on screen.
    """

    options: Collection[T]
    key: str
    default: T | None = None
    named: Callable[[T], str] = slug
    title: Callable[[T], str] = str

    @property
    def first(self) -> T:
        """What holds as long as nothing is chosen."""
        return next(iter(self.options)) if self.default is None else self.default

    def value(self) -> T:
        """What is chosen, also before its widget is drawn."""
        options, key, first = list(self.options), self.key, self.first
        codec = Codec(lambda name: _option(key, name, options, self.named, self.title), self.named)
        _prepare(key, first, codec, self.title)
        if st.session_state[key] not in options:  # such as a target of another text
            st.session_state[key] = first
        _send(key)
        chosen: T = st.session_state[key]
        return chosen

    def draw(self, widget: Callable[..., Any], label: str, **how: Any) -> T:
        """Draws the widget, which chooses one of the options, and returns the one chosen."""
        self.value()
        chosen: T = widget(label, list(self.options), format_func=self.title, key=self.key, **how)
        return chosen


def tabs(table: Mapping[str, Callable[..., None]], key: str, *shown: object) -> None:
    """Tabs by their labels, each with the function that draws what is to be shown; the open one alone is drawn."""
    names = list(table)
    _prepare(key, names[0], Codec(lambda name: _option(key, name, names, slug, str), slug), str)
    for tab, draw in zip(st.tabs(names, key=key, on_change="rerun"), table.values(), strict=True):
        if tab.open:  # the others would compute for nobody
            with tab:
                draw(*shown)


def keep(key: str, default: T, codec: Codec[T], title: Callable[[T], str] = str) -> str:
    """The key of a widget whose value stands in the address, with that value or the default in the session."""
    _prepare(key, default, codec, title)
    _send(key)
    return key


def says(key: str) -> str | None:
    """What is written for a choice, or None where it is the default."""
    return _address().values.get(key)


def tell(sentence: str) -> None:
    """Has the reader told, until something else is chosen, what of the address cannot be shown."""
    if sentence not in unknown():
        _address().unknown.append(sentence)


def link() -> links.Link:
    """The link to what is chosen now."""
    return links.link(_address().values)


def values() -> dict[str, str]:
    """All that is chosen and differs from its default, by the keys of the session; after `finish`."""
    return dict(_address().values)


def written() -> str:
    """The query as it stands in the address."""
    return urlencode(_address().query, doseq=True)


def unknown() -> list[str]:
    """A sentence for each value of the address that this run did not know."""
    return list(_address().unknown)


def _prepare(key: str, default: T, codec: Codec[T], title: Callable[[T], str]) -> None:
    """Makes sure that the widget's value is in the session: from the address, where it was changed, or the default."""
    address = _address()
    address.drawn[key] = (default, codec.write)
    if key in st.session_state:
        return
    st.session_state[key] = default
    if key in address.values:
        written = address.values[key]
        try:
            st.session_state[key] = codec.read(written)
        except (ValueError, KeyError):
            address.unknown.append(
                f"The address says {name_of(key)}={written}, which is not known here; "
                f"“{title(default)}” is shown instead."
            )


def _send(key: str) -> None:
    """Has the widget told its value in every run.

    Streamlit tells it once, when it is set. A widget that is unfolded after a later run, in a popover, would begin with
    its default, and the next run would take that for the reader's choice.
    """
    st.session_state[key] = st.session_state[key]


def _option(key: str, name: str, options: Sequence[T], named: Callable[[T], str], title: Callable[[T], str]) -> T:
    """The option of this name; older links have the words on screen. Raises `KeyError` if there is none."""
    names = {slug(title(option)): option for option in options} | {named(option): option for option in options}
    renamed = RENAMED.get(key, {}).get(slug(name), name)
    return names[renamed] if renamed in names else names[slug(renamed)]


def _long_value(key: str, query: Mapping[str, Sequence[str]], address: _Address) -> str | None:
    """A text that the address does not spell out; None, and a sentence, if it cannot be had."""
    name = name_of(key)
    try:
        for code in query.get(name + links.PACKED, ()):
            return links.unpacked(code)
    except ValueError:
        address.unknown.append(f"The {name} of this link is damaged: ask for the link again.")
    for stored in query.get(name + links.HASHED, ()):
        text = address.long.get(stored.rpartition("-")[2]) or long_texts.recall(stored)
        if text is not None:
            return text
        address.unknown.append(
            f"The {name} of this link was too long for an address and is not kept here (any more): "
            f"links keep such texts for {long_texts.DAYS} days at most."
        )
    return None


def _write(address: _Address) -> None:
    spelt, left = links.shortened(address.values)
    address.query = spelt | {name: said for name, said in query().items() if name in OF_TALK}
    address.long = _newest({**address.long, **left})
    st.query_params.from_dict(address.query)


def _newest(texts: dict[str, str]) -> dict[str, str]:
    """The last texts, as many as may be remembered."""
    sizes = accumulate(len(text) for text in reversed(texts.values()))
    fitting = sum(size <= MOST_CHARACTERS for size in islice(sizes, MOST_LONG))
    return dict(list(texts.items())[len(texts) - fitting :])


def query() -> dict[str, list[str]]:
    """All that the address of this run says."""
    return {key: st.query_params.get_all(key) for key in st.query_params}


def _address() -> _Address:
    address: _Address = st.session_state.setdefault("address", _Address())
    return address
