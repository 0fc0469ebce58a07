"""The Dockerfile's own commands, where there may be no Docker engine, and the server that comes of them."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.load import questions, session
from tests.support.dockerfile import Image, built, command_of, context_files, may_build, stages
from tests.support.servers import answered, free_port, stopped

ROOT = Path(__file__).resolve().parents[2]
STAGES = stages((ROOT / "deploy/Dockerfile").read_text(encoding="utf-8"))
START_S = 300
PAGES = ("", "attention", "similarity", "attributions")
HANDED_ON = {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"}  # by every engine

pytestmark = [
    pytest.mark.image,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not may_build(), reason="making layers without a Docker engine needs root's rights and Linux"),
]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Built from what `.dockerignore` lets through, with the packages of whatever index pip is told to use here."""
    folder = tmp_path_factory.mktemp("image")
    for name in context_files(ROOT):
        target = folder / "context" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    arguments = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name in HANDED_ON}
    return built(STAGES, folder / "context", folder, arguments)


@dataclass(frozen=True, slots=True)
class Container:
    """The image with its own command at work, and where that answers."""

    image: Image
    server: subprocess.Popen[str]
    url: str

    def said(self, *command: str) -> tuple[int | None, str]:
        """The exit status of a command beside the server, and what it has written."""
        process = self.image.run_beside(self.server, command)
        output, _ = process.communicate()
        return process.returncode, output


@pytest.fixture(scope="module")
def container(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    """Running as UID 1000, with nothing to write to but `/cache` and `/tmp`."""
    cache = tmp_path_factory.mktemp("cache")
    os.chown(cache, 1000, 1000)
    image.environment |= {"DISTILLENS_PORT": str(free_port()), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    server = image.run(command_of(STAGES[-1], "CMD"), cache)
    try:
        url = f"http://127.0.0.1:{image.environment['DISTILLENS_PORT']}"
        answered(f"{url}/readyz", server, START_S)
        yield Container(image, server, url)
    finally:
        stopped(server)


def test_its_user_can_write_to_the_cache_and_to_tmp_alone(container: Container) -> None:
    folders = "/ /app /opt/venv /home/reader /usr/local /cache /tmp"
    tried = f"id -u; for folder in {folders}; do touch $folder/x && echo $folder; done 2>/dev/null; true"
    assert container.said("sh", "-c", tried) == (0, "1000\n/cache\n/tmp\n")


def test_the_check_of_its_health_succeeds_and_fails_where_nothing_listens(container: Container) -> None:
    check = command_of(STAGES[-1], "HEALTHCHECK")
    assert container.said(*check)[0] == 0
    assert container.said("env", f"DISTILLENS_PORT={free_port()}", *check)[0] == 1


@pytest.mark.parametrize("page", PAGES)
def test_every_kind_of_page_is_answered(container: Container, page: str) -> None:
    [answer] = asyncio.run(session(container.url, page, questions(7, 1), 0.0, random.Random(0)))
    assert answer.exceptions == ()
    assert not answer.refused


def test_the_commands_of_the_package_are_there(container: Container) -> None:
    status, output = container.said("distillens", "--help")
    assert status == 0
    assert "BERT and DistilBERT side by side" in output


def test_the_image_has_neither_history_nor_tests(image: Image) -> None:
    assert not [name for name in (".git", ".venv", "tests", "benchmarks") if (image.files / "app" / name).exists()]
    assert (image.files / "app/checkpoints/teacher/config.json").is_file()


def test_the_code_was_compiled_when_the_image_was_built(image: Image) -> None:
    assert list((image.files / "app/dashboard/__pycache__").glob("frame.*.pyc"))


def test_a_failing_command_ends_the_build(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no-such-command"):
        built(stages("FROM python\nRUN no-such-command"), tmp_path, tmp_path / "built", {})


def test_an_image_leaves_no_trace_on_this_machine(tmp_path: Path) -> None:
    image = built(stages("FROM python\nRUN touch /only-in-the-image"), tmp_path, tmp_path / "built", {})
    assert (image.files / "only-in-the-image").is_file()
    assert not Path("/only-in-the-image").exists()
    assert subprocess.run(["mount"], capture_output=True, text=True, check=True).stdout.count(str(tmp_path)) == 0
