"""What stands under a figure is one line; the rest of what is to be said of it is behind its sign for help."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

import dashboard

MOST = 160  # visible characters
VALUE = 8  # about what a value in a sentence takes
OWN = ("attribution",)  # captions of the page on attributions are tested with it

ROOT = Path(dashboard.__file__).parent
SOURCES = [path for path in sorted(ROOT.rglob("*.py")) if not set(path.relative_to(ROOT).parts) & set(OWN)]


def length(text: ast.expr, module: str) -> int:
    """How many characters an expression of texts has at most, as far as its source tells."""
    match text:
        case ast.Constant(value=str(value)):
            return len(value)
        case ast.JoinedStr(values=parts):
            return sum(length(part, module) for part in parts)
        case ast.BinOp(left=left, right=right):
            return length(left, module) + length(right, module)
        case ast.IfExp(body=one, orelse=other):
            return max(length(one, module), length(other, module))
        case ast.Name(id=name):
            value = getattr(import_module(module), name, "")
            return len(value) if isinstance(value, str) else VALUE
    return VALUE


def captions(source: str) -> list[ast.expr]:
    """The visible text of every caption that a source draws."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [call.args[0] for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "caption"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_caption_is_one_line(path: Path) -> None:
    module = ".".join(("dashboard", *path.relative_to(ROOT).with_suffix("").parts))
    for text in captions(path.read_text(encoding="utf-8")):
        assert length(text, module) <= MOST, ast.unparse(text)


def test_lengths_are_counted_in_all_that_a_caption_is_made_of() -> None:
    source = 'st.caption("ab" + (f"cd{x}" if x else "e") + VALUE_OF)'
    (text,) = captions(source)
    assert length(text, "dashboard.ui.theme") == 2 + 2 + VALUE
    assert length(ast.parse("GREEN", mode="eval").body, "dashboard.ui.theme") == len("#00916A")
