"""An address as a QR code, for a telephone that is held up to the screen.

qr_code("http://127.0.0.1:8501/predictions?task=sentiment")   # '<svg xmlns="http://www.w3.org/2000/svg" …'
qr_image("http://127.0.0.1:8501/predictions?task=sentiment")  # the same as an <img>, for st.html
"""

from __future__ import annotations

import base64
import io

import segno

from analysis.errors import AnalysisError

MOST_BYTES = 1_200  # of an address: a code of more has modules too small for a camera across a room
QUIET = 4  # modules of empty edge, as the standard asks (ISO/IEC 18004)


def fits(address: str) -> bool:
    """Whether the address is short enough for a code."""
    return len(address.encode()) <= MOST_BYTES


def qr_code(address: str) -> str:
    """An SVG of black on white in any theme, as large as the place it is put into.

    Raises `AnalysisError` if the address is too long.
    """
    if not fits(address):
        raise AnalysisError(
            f"This link has {len(address.encode()):,} bytes, and a QR code that a camera can read holds "
            f"{MOST_BYTES:,}: copy the link instead."
        )
    drawing = io.BytesIO()
    code = segno.make_qr(address, error="m")
    code.save(drawing, "svg", border=QUIET, dark="#000000", light="#FFFFFF", omitsize=True, xmldecl=False)
    return drawing.getvalue().decode()


def qr_image(address: str) -> str:
    """The code as an element of HTML: Streamlit takes pictures, and leaves SVG out of what a page is given."""
    data = base64.b64encode(qr_code(address).encode()).decode("ascii")
    return f'<img class="dl-code" alt="The link as a QR code" src="data:image/svg+xml;base64,{data}">'
