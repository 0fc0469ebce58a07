"""The link to what a reader sees, to copy and hand on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from cache.long_texts import DAYS
from dashboard import address, links, measurements
from dashboard.address_keys import NOT_IN_LINKS
from dashboard.frame import Question
from dashboard.qr_code import fits, qr_image
from dashboard.ui import markup

COPY = "Copy link"
SCAN = "Scan it with a phone that can reach this server."

_copy = st.components.v2.component(
    "dl_copy_link", js=Path(__file__).with_name("copy_link.js").read_text(encoding="utf-8"), isolate_styles=False
)


@dataclass(frozen=True, slots=True)
class Shared:
    """A link, and a sentence for everything that it does not carry itself."""

    link: str
    left_out: Sequence[str] = ()


def copy_link(make: Callable[[], Shared]) -> None:
    """The control that copies a link, which is made only when it is asked for."""
    popover = st.popover(COPY, icon=":material/link:", key="copy_link", on_change="rerun")
    if not popover.open:
        return
    shared = make()
    with popover:
        copy_control(shared, "copied_link")


def copy_control(shared: Shared, key: str) -> None:
    """The link with a button that copies it, what it does not carry, and the link as a QR code."""
    words = {"copy": "Copy", "copied": "Copied.", "refused": "Your browser refuses: press Ctrl+C or ⌘C."}
    _copy(key=key, data={"link": shared.link, **words})
    for sentence in shared.left_out:
        st.html(markup.note(sentence))
    if fits(shared.link):
        st.html(qr_image(shared.link))
        st.caption(SCAN)
    else:
        st.caption("This link is too long for a QR code.")


def this_view() -> Shared:
    """The link to what the reader sees."""
    link = address.link()
    return Shared(_address_of(link.query), _left_out(link.kept, link.lost))


def start_view(question: Question) -> Shared:
    """The link to the sentence of the first page."""
    return Shared(link_to(question), ["The link opens this sentence on the page Predictions."])


def link_back() -> str:
    """The link itself."""
    return _address_of(address.link().query)


def link_to(question: Question) -> str:
    """The link to the answers to a question of the pair that pages open with."""
    example = question.example
    texts = {"task": example.task, "text": example.text, "text_pair": example.text_pair or ""}
    query = links.link({key: text for key, text in texts.items() if text}).query
    return f"{(st.context.url or '').rstrip('/')}/predictions?{query}"


def _address_of(query: str) -> str:
    """The address of this page with a query."""
    return f"{st.context.url or ''}{query and '?'}{query}"


def _left_out(kept: tuple[str, ...], lost: tuple[str, ...]) -> list[str]:
    """A sentence for everything that the link does not carry itself."""
    missing = [what for key, what in NOT_IN_LINKS.items() if st.session_state.get(key)]
    return [
        *(
            f"Too long for a link: the {name} is kept on this server for {DAYS} days, then the link ends."
            for name in kept
        ),
        *(f"Too long for a link: send the {name} along with it, since this server does not keep it." for name in lost),
        *(f"Not in the link: {what}." for what in missing),
        *measurements.about_links(),
    ]
