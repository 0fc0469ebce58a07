"""A walkthrough as a link: packed into it where it fits, else kept by the server, if that keeps texts."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from analysis.errors import AnalysisError
from cache import long_texts
from dashboard import address, links
from dashboard.present.walkthrough import Walkthrough
from dashboard.present.walkthrough_file import written
from dashboard.share import Shared, copy_control

NAME = "walkthrough"  # in the address
TOO_LONG = "This walkthrough is too long for a link, and this server keeps none: download it and send the file."
KEPT = f"Too long for a link: the walkthrough is kept on this server for {long_texts.DAYS} days, then the link ends."
GONE = "The walkthrough of this link is not kept here (any more): ask for its TOML file."
DAMAGED = "The walkthrough of this link is damaged: ask for the link again."


def share_popover(walkthrough: Walkthrough) -> None:
    """The control that makes the link, when it is asked for."""
    popover = st.popover("Share by link", icon=":material/link:", key="share_walkthrough", on_change="rerun")
    if popover.open:
        shared = link_to(walkthrough, st.context.url or "")
        with popover:
            if shared:
                copy_control(shared, "walkthrough_link")
            else:
                st.caption(TOO_LONG)


def link_to(walkthrough: Walkthrough, page: str) -> Shared | None:
    """The link that opens the walkthrough on the page Talks, whose address is `page`; None where there can be none."""
    text = written(walkthrough)
    link = f"{page}?{urlencode({NAME + links.PACKED: links.packed(text)})}"
    if len(link) <= links.MOST_LINK_BYTES:
        return Shared(link)
    stored = long_texts.keep(text)
    return Shared(f"{page}?{urlencode({NAME + links.HASHED: stored})}", [KEPT]) if stored else None


def from_link() -> str | None:
    """The walkthrough that the address carries, as TOML. Raises `AnalysisError` if it cannot be had."""
    packed, stored = (address.query().get(NAME + form, [None])[-1] for form in (links.PACKED, links.HASHED))
    if packed is not None:
        try:
            return links.unpacked(packed)
        except ValueError as error:
            raise AnalysisError(DAMAGED) from error
    if stored is None:
        return None
    if (kept := long_texts.recall(stored)) is None:
        raise AnalysisError(GONE)
    return kept
