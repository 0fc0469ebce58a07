"""What lies in `deploy/` is whole and agrees with itself: ports, paths, names, and what may be written."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

import pytest
import yaml
from huggingface_hub import metadata_load
from streamlit.web.server.app_discovery import discover_asgi_app

from analysis.settings import VARIABLES
from tests.support.dockerfile import command_of, context_files, stages

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
STAGES = stages((DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
NGINX = (DEPLOY / "nginx/distillens.conf.template").read_text(encoding="utf-8")
SPACE = metadata_load(DEPLOY / "huggingface/README.md") or {}
SERVICES = COMPOSE["services"]
REPLICAS = ("one", "two")
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}  # that a Space may have
WRITTEN_TO = "/cache"


def said(stage: int, name: str) -> list[str]:
    return [instruction.text for instruction in STAGES[stage] if instruction.name == name]


def environment() -> dict[str, str]:
    pairs = [pair.split("=", 1) for line in said(-1, "ENV") for pair in line.split()]
    return dict(pairs)


def test_the_image_takes_only_the_libraries_from_a_first_stage() -> None:
    assert len(STAGES) == 2
    copied = [instruction for instruction in STAGES[1] if any("--from" in flag for flag in instruction.flags)]
    assert [(instruction.flags, instruction.text) for instruction in copied] == [
        (("--from=libraries",), "/opt/venv /opt/venv")
    ]
    assert all(line.split()[0].endswith("-slim") for stage in (0, 1) for line in said(stage, "FROM"))


def test_the_index_of_packages_is_the_builder_s_choice_and_by_default_pip_s() -> None:
    assert said(0, "ARG") == ["PIP_EXTRA_INDEX_URL"]


def test_the_builder_can_say_which_commit_readyz_names() -> None:
    assert said(-1, "ARG") == [VARIABLES["commit"].name]
    assert environment()[VARIABLES["commit"].name] == f"${VARIABLES['commit'].name}"


def test_everything_is_pinned() -> None:
    installs = [line for stage in (0, 1) for line in said(stage, "RUN") if "pip install" in line]
    assert len(installs) == 2
    assert all("--constraint constraints.txt" in line for line in installs)


def test_the_server_runs_as_uid_1000_and_is_asked_for_its_health_without_a_shell() -> None:
    names = [instruction.name for instruction in STAGES[-1]]
    assert said(-1, "USER") == ["1000"]
    assert "RUN" not in names[names.index("USER") :]
    assert command_of(STAGES[-1], "CMD") == ["python", "-m", "dashboard", "serve"]
    python, option, script = command_of(STAGES[-1], "HEALTHCHECK")
    assert (python, option) == ("python", "-c")
    assert "/readyz" in script
    compile(script, "the check", "exec")


def test_only_volumes_and_tmp_are_written_to() -> None:
    folders = ("HF_HOME", "DISTILLENS_CACHE", "MPLCONFIGDIR")
    assert all(environment()[name].startswith((f"{WRITTEN_TO}/", "/tmp/")) for name in folders)
    assert said(-1, "VOLUME") == [WRITTEN_TO]
    assert all(service["read_only"] for service in SERVICES.values())
    for name in REPLICAS:
        assert SERVICES[name]["tmpfs"] == ["/tmp"]
        assert SERVICES[name]["volumes"] == [f"models:{WRITTEN_TO}"]


def test_the_engine_is_sent_what_the_dockerfile_copies_and_nothing_else() -> None:
    copied = [
        source
        for stage in STAGES
        for instruction in stage
        if instruction.name == "COPY" and not instruction.flags
        for source in instruction.text.split()[:-1]
    ]
    sent = context_files(ROOT)
    assert {name.split("/")[0] for name in sent} == set(copied)
    assert {"checkpoints/teacher/config.json", "dashboard/.streamlit/config.toml"} <= set(sent)
    assert not [name for name in sent if "__pycache__" in name or ".git" in name or name.startswith("training/state")]


def test_the_replicas_are_alike_and_share_a_store() -> None:
    one, two = (SERVICES[name] for name in REPLICAS)
    assert one == two
    assert one["environment"]["CACHE_URL"] == "redis://redis:6379/0"
    assert one["build"]["dockerfile"] == "deploy/Dockerfile"
    assert (DEPLOY / one["build"]["context"]).resolve() == ROOT


def test_services_wait_until_those_they_need_are_healthy() -> None:
    for service in SERVICES.values():
        for needed, how in service.get("depends_on", {}).items():
            assert how["condition"] == "service_healthy"
            assert "healthcheck" in SERVICES[needed] or "build" in SERVICES[needed]


def test_the_store_is_reached_from_inside_only() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["redis"]["networks"] == ["inside"]
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]


def test_nginx_is_told_all_that_its_configuration_leaves_open() -> None:
    filled = SERVICES["nginx"]["environment"]
    braced = set(re.findall(r"\$\{(\w+)\}", NGINX))
    assert braced == set(filled)
    assert "${" not in Template(NGINX).safe_substitute(filled)
    assert {filled["REPLICA_ONE"], filled["REPLICA_TWO"]} == {
        f"{name}:{environment()['DISTILLENS_PORT']}" for name in REPLICAS
    }
    [template] = [mount for mount in SERVICES["nginx"]["volumes"] if ".template" in mount]
    assert (DEPLOY / template.split(":")[0]).is_file()


def test_a_space_finds_the_server_and_has_a_card_that_is_accepted() -> None:
    assert SPACE["sdk"] == "docker"
    assert [str(SPACE["app_port"])] == said(-1, "EXPOSE") == [environment()["DISTILLENS_PORT"]]
    assert environment()["DISTILLENS_HOST"] == "0.0.0.0"
    assert {SPACE["colorFrom"], SPACE["colorTo"]} <= COLOURS
    assert len(SPACE["short_description"]) <= 60


def test_streamlit_run_finds_the_server_and_not_only_the_app() -> None:
    assert discover_asgi_app(ROOT / "dashboard/server.py").import_string == "server:app"
    assert not discover_asgi_app(ROOT / "dashboard/app.py").is_asgi_app


def test_community_cloud_installs_the_versions_that_are_pinned() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["--constraint constraints.txt", "--editable ."]


@pytest.mark.parametrize(
    "path",
    [ROOT / "requirements.txt", *(path for path in sorted(DEPLOY.rglob("*")) if path.is_file())],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_no_file_names_a_registry_or_an_index(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"pypi|pythonhosted|download\.pytorch|docker\.io|ghcr|quay\.io|index-url http", text)
    for image in re.findall(r"(?m)^\s*(?:FROM|image:)\s+(\S+)", text):
        assert "." not in image.split("/")[0].split(":")[0], image
