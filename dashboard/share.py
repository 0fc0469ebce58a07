"""The link to what a reader sees, to copy and hand on."""

from __future__ import annotations

import streamlit as st

from cache.long_texts import DAYS
from dashboard import address, measurements
from dashboard.address_keys import NOT_IN_LINKS
from dashboard.ui import markup


def link_to_this_view() -> None:
    """The link, made only when it is asked for, since a very long text is then kept for it; and what it leaves out."""
    folded = st.expander("Link to this view", key="link", on_change="rerun")
    if not folded.open:
        return
    link = address.link()
    with folded:
        st.code(f"{st.context.url or ''}{link.query and '?'}{link.query}", language=None, wrap_lines=True)
        for sentence in _left_out(link.kept, link.lost):
            st.html(markup.note(sentence))


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
