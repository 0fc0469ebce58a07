"""Inside of a frame, the page that frames it is told what the address is, so that its own address bar can follow."""

from __future__ import annotations

import streamlit as st

from analysis.settings import settings

# The message of Hugging Face Spaces (https://huggingface.co/docs/hub/spaces-handle-url-parameters).
SCRIPT = """
export default function ({ data }) {
  if (window.parent === window) return;
  for (const origin of data.origins) window.parent.postMessage({ queryString: data.query, hash: "" }, origin);
}
"""

_tell = st.components.v2.component("dl_framed", js=SCRIPT)


def tell_address(query: str) -> None:
    """Tells the origins that may frame the page, where they are named in full, the query of its address."""
    origins = [origin for origin in settings().framed_by if "*" not in origin]
    if origins:
        _tell(data={"origins": origins, "query": query}, key="framed", height=1)
