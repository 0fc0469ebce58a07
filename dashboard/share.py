"""The link to what a reader sees, to copy and hand on."""

from __future__ import annotations

import streamlit as st

from cache.long_texts import DAYS
from dashboard import address, links, measurements
from dashboard.address_keys import NOT_IN_LINKS
from dashboard.frame import Question
from dashboard.ui import markup


def link_to_this_view() -> None:
    """The link, made only when it is asked for, since a very long text is then kept for it; and what it leaves out."""
    folded = st.expander("Link to this view", key="link", on_change="rerun")
    if not folded.open:
        return
    link = address.link()
    with folded:
        st.code(_address_of(link.query), language=None, wrap_lines=True)
        for sentence in _left_out(link.kept, link.lost):
            st.html(markup.note(sentence))


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
