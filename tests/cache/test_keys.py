"""Equal keys mean equal results: everything that a result depends on has a say in its key."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cache import keys

INGREDIENTS: dict[str, Any] = {
    "checkpoints": ("t1", "s1"),
    "task": "sentence-pair",
    "texts": ("ab", "c"),
    "analysis": "attribution",
    "options": {"n_steps": 1, "method": None},
}
OTHERS: dict[str, list[Any]] = {
    "checkpoints": [("s1", "t1"), ("t1",), ("t1s1",), ("t1", "s1", ""), "t1s1"],
    "task": ["sentiment"],
    "texts": [("a", "bc"), ("abc", ""), ("abc", None), ("ab", "c", None), ("c", "ab"), ('ab", "c',), ("ab", "C")]
    + [("ab", hostile) for hostile in ("😀", "\ud83d\ude00", "\\ud83d\\ude00", "\0", "e\u0301", "\u00e9")],
    "analysis": ["trace"],
    "options": [{}, {"n_steps": 1}, *({"n_steps": other, "method": None} for other in (1.0, True, "1", None, 2))],
}


def test_every_ingredient_has_a_say_in_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    variants = [INGREDIENTS | {name: other} for name, others in OTHERS.items() for other in others]
    found = [keys.result_key(**variant) for variant in [INGREDIENTS, *variants]]
    for version in ("library_versions", "code_version"):
        monkeypatch.setattr(keys, version, lambda: "another")
        found.append(keys.result_key(**INGREDIENTS))
    assert OTHERS.keys() == INGREDIENTS.keys()
    assert len(set(found)) == len(found)


def test_the_key_of_what_ships_is_of_the_same_and_of_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    variants = [INGREDIENTS | {name: other} for name, others in OTHERS.items() for other in others]
    found = [keys.shipped_key(**variant) for variant in [INGREDIENTS, *variants]]
    assert len({*found, keys.result_key(**INGREDIENTS)}) == len(found) + 1
    for version in ("library_versions", "code_version"):
        monkeypatch.setattr(keys, version, lambda: "another")
    assert keys.shipped_key(**INGREDIENTS) == found[0]
    monkeypatch.setattr(keys, "FORMAT", keys.FORMAT + 1)
    assert keys.shipped_key(**INGREDIENTS) != found[0]


def test_the_order_of_options_has_no_say_in_the_key() -> None:
    turned = dict(reversed(INGREDIENTS["options"].items()))
    assert keys.result_key(**INGREDIENTS | {"options": turned}) == keys.result_key(**INGREDIENTS)


def test_the_versions_are_those_of_the_libraries() -> None:
    import numpy as np

    assert dict(keys.library_versions())["numpy"] == np.__version__
    assert dict(keys.library_versions()).keys() == {"captum", "numpy", "peft", "tokenizers", "torch", "transformers"}


def test_the_code_version_follows_names_and_contents(tmp_path: Path) -> None:
    def version(files: dict[str, str]) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content)
        return keys.source_hash(folder)

    first = version({"a.py": "1", "b/c.py": "2"})
    assert version({"b/c.py": "2", "a.py": "1", "notes.txt": "", "__pycache__/a.pyc": ""}) == first
    others = [{"a.py": "1"}, {"a.py": "2", "b/c.py": "1"}, {"a.py": "1", "c.py": "2"}, {"a.py": "", "b/c.py": "12"}]
    others.append({"a.py": "1b/c.py2"})
    assert len({first, *map(version, others)}) == len(others) + 1


@dataclass(frozen=True)
class Pair:
    left: object
    right: object


DIFFERENT = [
    (1,),
    (1.0,),
    (True,),
    ("1",),
    (None,),
    (),
    ((),),
    ("a", "b"),
    ("ab",),
    ("a b",),
    (("a", "b"),),
    (("a",), "b"),
    ({"a": "b"},),
    (Pair("a", "b"),),
    (Pair("b", "a"),),
    (np.zeros(4),),
    (np.zeros(4, np.float32),),
    (np.zeros((2, 2)),),
    (np.zeros(0),),
    (np.float32(1),),
    ("\ud83d\ude00",),
    ("\U0001f600",),
]


def test_contents_that_differ_have_different_keys() -> None:
    found = [keys.content_key(*values) for values in DIFFERENT]
    assert len(set(found)) == len(DIFFERENT)
    assert found == [keys.content_key(*copy.deepcopy(values)) for values in DIFFERENT]


@pytest.mark.parametrize("value", [{1, 2}, object(), np.array([object()]), Pair])
def test_what_cannot_be_read_has_no_key(value: object) -> None:
    with pytest.raises(TypeError, match="has no key of its content"):
        keys.content_key(value)
