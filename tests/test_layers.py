"""The shape of the code: who may import whom, and what must not be imported early."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
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
PLAIN_CACHE = ("codec", "keys", "store", "redis_store", "outage", "compute_queue", "lru_memory")


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


WINGS = [path for top in ("analysis", "dashboard") for path in sorted((ROOT / top).iterdir()) if path.is_dir()]

# Roles that every page has, and what two wings mean alike; charts and export are named as the panels that they draw.
SHARED_NAMES = {
    "analysis": {"architecture", "cost", "quality", "rollout", "summary", "training"},
    "dashboard": {"controls", "tabs", "sections", "heads", "architecture", "quality"},
}


@pytest.mark.parametrize("wing", WINGS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_two_modules_of_a_wing_have_one_name(wing: Path) -> None:
    names = [path.stem for path in wing.rglob("*.py") if path.stem not in ("__init__", *SHARED_NAMES["analysis"])]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("top", SHARED_NAMES)
def test_wings_share_no_names_but_those_of_roles(top: str) -> None:
    wings = [wing for wing in WINGS if wing.parent.name == top and wing.name not in ("charts", "export", "__pycache__")]
    counted = Counter(name for wing in wings for name in {path.stem for path in wing.rglob("*.py")} - {"__init__"})
    assert {name for name, count in counted.items() if count > 1} <= SHARED_NAMES[top]


def test_analysis_is_seen_at_a_glance() -> None:
    assert len([path for path in (ROOT / "analysis").iterdir() if path.name != "__pycache__"]) <= 20


def test_imports_have_no_circles() -> None:
    names = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for folder in ("analysis", "cache", "dashboard")
        for path in sources(folder)
    }
    list(TopologicalSorter({name: imported(path, names) - {name} for name, path in names.items()}).static_order())


def imported(path: Path, names: dict[str, Path]) -> set[str]:
    """Which of these modules a file imports when it runs, at its top or in a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in for_types:
            found |= {full if (full := f"{node.module}.{alias.name}") in names else node.module for alias in node.names}
    return found & names.keys()
