"""The shape of the code: who may import whom, and what must not be imported early."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {
    "analysis": {"analysis"},
    "cache": {"analysis", "cache"},
    "dashboard": {"analysis", "cache", "dashboard"},
    "pages": {"analysis", "cache", "dashboard"},
    "training": {"analysis", "training"},
}
DRAWING = {"streamlit", "plotly", "bertviz"}
HEAVY = {"torch", "transformers", "captum", "bertviz"}
PLAIN_CACHE = ("codec", "keys", "store", "redis_store", "compute_queue", "lru_memory")


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """The top-level package of every import in a file, also of those inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield path.relative_to(ROOT).parts[0] if node.level else node.module.split(".")[0]


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_imports_go_downwards_only(folder: str) -> None:
    assert sources(folder)
    for path in sources(folder):
        ours = set(imports(path)) & set(MAY_IMPORT)
        assert ours <= MAY_IMPORT[folder], f"{path.relative_to(ROOT)} imports {ours - MAY_IMPORT[folder]}"


@pytest.mark.parametrize(
    "path",
    [*sources("analysis"), *(ROOT / "cache" / f"{name}.py" for name in PLAIN_CACHE)],
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_computation_and_storage_draw_nothing(path: Path) -> None:
    assert not set(imports(path)) & DRAWING


@pytest.mark.parametrize("path", sources("dashboard/charts"), ids=lambda path: path.name)
def test_charts_are_figures_without_streamlit(path: Path) -> None:
    assert "streamlit" not in set(imports(path))


@pytest.mark.parametrize("path", sources("pages"), ids=lambda path: path.name)
def test_pages_only_arrange(path: Path) -> None:
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    assert not [node.lineno for node in nodes if isinstance(node, definitions)]


@pytest.mark.parametrize("module", ["inputs.tasks", "models.pairs", "inputs.examples", "inputs.words", "errors"])
def test_the_first_paint_does_not_wait_for_torch(module: str) -> None:
    script = f"import sys, analysis.{module}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)
    assert "analysis" in loaded.stdout.split()
    assert not set(loaded.stdout.split()) & HEAVY
