"""A QR code is read back, by a decoder of others, as the address that was put in."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from dashboard.qr_code import MOST_BYTES, QUIET, qr_code, qr_image

PIXELS = 4  # of a module
STROKE = re.compile(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?")
ADDRESS = "http://127.0.0.1:8501/predictions?task=sentiment&text=A+film+%26+a+%3Cb%3E+%C3%BC"


def painted(drawing: str) -> np.ndarray:
    """The picture of a code's SVG, 0 for black and 255 for white: strokes one module high, from left to right."""
    root = ElementTree.fromstring(drawing)
    size = int(root.get("viewBox").split()[2])
    picture = np.full((size, size), 255, dtype=np.uint8)
    stroke = next(path for path in root.iter() if path.get("stroke"))
    x = y = 0.0
    for kind, first, second in STROKE.findall(stroke.get("d")):
        if kind == "h":
            picture[int(y), int(x) : int(x + float(first))] = 0
            x += float(first)
        else:
            x, y = (float(first), float(second)) if kind == "M" else (x + float(first), y + float(second))
    return picture.repeat(PIXELS, axis=0).repeat(PIXELS, axis=1)


def read(drawing: str) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(painted(drawing))]


def test_a_decoder_reads_the_address() -> None:
    assert read(qr_code(ADDRESS)) == [ADDRESS]


@settings(max_examples=30)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=MOST_BYTES))
def test_any_address_is_read_back(address: str) -> None:
    assert read(qr_code(address)) == [address]


def test_it_stands_on_white_with_an_empty_edge() -> None:
    picture, edge = painted(qr_code(ADDRESS)), QUIET * PIXELS
    for side in (picture[:edge], picture[-edge:], picture[:, :edge], picture[:, -edge:]):
        assert (side == 255).all()
    assert 'fill="#fff"' in qr_code(ADDRESS)


def test_the_element_holds_the_same_picture() -> None:
    (data,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', qr_image(ADDRESS))
    assert base64.b64decode(data).decode() == qr_code(ADDRESS)


def test_an_address_that_is_too_long_is_refused() -> None:
    qr_code("a" * MOST_BYTES)
    with pytest.raises(AnalysisError, match=r"has 1,201 bytes"):
        qr_code("a" * (MOST_BYTES + 1))
