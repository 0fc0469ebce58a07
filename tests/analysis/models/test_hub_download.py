"""The way from the hub to a model, for real: a hub on loopback, the client's own requests, a cache of its own."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from analysis.models.hub import FAILURES
from analysis.models.model import load
from analysis.models.pairs import Checkpoint
from analysis.wording import shown
from tests.support.checkpoint_folders import refusal
from tests.support.contacts import LOOPBACK, watch, watched_path
from tests.support.servers import free_port
from tests.support.stand_in_hub import Refusal, Repository, StandInHub, commit_of, files_of, stand_in_hub, use_hub
from tests.support.tiny import tiny_checkpoint

CONTACTED: list[str] = []  # hosts that this process has looked up or connected to
watch(CONTACTED.append)


class Malicious:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.folder),)


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return files_of(tiny_checkpoint(tmp_path_factory.mktemp("bert"), "bert", "sentiment"))


@pytest.fixture(scope="module")
def newer_bert(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return files_of(tiny_checkpoint(tmp_path_factory.mktemp("newer"), "bert", "sentiment", seed=1))


@pytest.fixture(scope="module")
def distilbert(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return files_of(tiny_checkpoint(tmp_path_factory.mktemp("distilbert"), "distilbert", "sentiment"))


@pytest.fixture(scope="module")
def pickled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """As many older checkpoints are: weights in torch's own format, and a bare list of word pieces."""
    folder = tiny_checkpoint(tmp_path_factory.mktemp("pickled"), "bert", "sentiment")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    return files_of(folder)


@pytest.fixture(scope="module")
def trap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a malicious pickle makes."""
    return tmp_path_factory.mktemp("trap") / "sprung"


@pytest.fixture(scope="module")
def malicious(pickled: dict[str, bytes], trap: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    path = tmp_path_factory.mktemp("malicious") / "pytorch_model.bin"
    torch.save({"classifier.weight": Malicious(trap)}, path)
    torch.load(path, weights_only=False)
    assert trap.is_dir(), "unpickled, it must spring: otherwise the test below would show nothing"
    trap.rmdir()
    return pickled | {"pytorch_model.bin": path.read_bytes()}


@pytest.fixture(scope="module")
def hub(
    bert: dict[str, bytes],
    newer_bert: dict[str, bytes],
    distilbert: dict[str, bytes],
    pickled: dict[str, bytes],
    malicious: dict[str, bytes],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[StandInHub]:
    base = files_of(tiny_checkpoint(tmp_path_factory.mktemp("base"), "bert", "fill-mask"))
    entities = files_of(tiny_checkpoint(tmp_path_factory.mktemp("entities"), "bert", "entities"))
    roberta = bert | {"config.json": bert["config.json"].replace(b'"bert"', b'"roberta"')}
    truncated = bert | {"model.safetensors": bert["model.safetensors"][:-100]}
    gated = Refusal(403, "GatedRepo", "Access to this model is restricted.")
    with stand_in_hub(
        {
            "tiny/bert": Repository([bert, newer_bert]),
            "tiny/distilbert": Repository([distilbert]),
            "tiny/gated": Repository([bert], file_refusal=gated),  # as the hub does: everyone may see the listing
            "tiny/private": Repository([bert], listing_refusal=Refusal(401)),
            "tiny/slow": Repository([bert], slow=frozenset({"listing"})),
            "tiny/slow-file": Repository([bert], slow=frozenset({"model.safetensors"})),
            "tiny/cut-off-for-ever": Repository(
                [bert | {"model.safetensors": bytes(2**20)}], cut_off=frozenset({"model.safetensors"}), ranges=False
            ),
            "tiny/truncated": Repository([truncated]),
            "tiny/pickled": Repository([pickled]),
            "tiny/malicious": Repository([malicious]),
            "tiny/roberta": Repository([roberta]),
            "tiny/base": Repository([base]),
            "tiny/entities": Repository([entities]),
            "tiny/readme": Repository([{"README.md": b"Nothing here yet."}]),
            "tiny/broken": Repository([bert], listing_refusal=Refusal(500)),
            "tiny/portal": Repository([bert], listing_refusal=Refusal(200)),
        }
    ) as served:
        yield served


@pytest.fixture(autouse=True)
def contacted(hub: StandInHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The hub and an empty cache in the environment; in the end, nothing but loopback has been contacted.

    Yields where the download's process notes the hosts it looks up or connects to.
    """
    log = tmp_path / "watch" / "hosts"
    use_hub(hub, tmp_path / "home", monkeypatch)
    monkeypatch.setenv("PYTHONPATH", watched_path(log))
    monkeypatch.setenv("HF_HUB_ETAG_TIMEOUT", "1")
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "3")
    before = len(CONTACTED)
    yield log
    seen = {*CONTACTED[before:], *(log.read_text(encoding="utf-8").split() if log.exists() else ())}
    assert seen <= LOOPBACK


@pytest.mark.parametrize("architecture", ["bert", "distilbert"])
def test_a_checkpoint_of_the_hub_is_the_one_in_the_folder(
    architecture: str, newer_bert: dict[str, bytes], distilbert: dict[str, bytes], tmp_path: Path
) -> None:
    newest = {"bert": newer_bert, "distilbert": distilbert}[architecture]
    model = load(Checkpoint(f"tiny/{architecture}", architecture), "sentiment")
    for name, content in newest.items():
        (tmp_path / name).write_bytes(content)
    local = load(Checkpoint(str(tmp_path), architecture), "sentiment")
    assert model.revision == commit_of(newest)
    assert local.revision is None
    assert model.fingerprint == local.fingerprint
    assert model.disk_bytes == sum(map(len, newest.values()))
    tokens = model.tokenizer("the film was good", return_tensors="pt")
    assert torch.equal(model.network(**tokens).logits, local.network(**tokens).logits)


def test_a_pinned_revision_is_the_one_that_is_loaded(bert: dict[str, bytes], newer_bert: dict[str, bytes]) -> None:
    weights = {}
    for content in (bert, newer_bert):
        model = load(Checkpoint(f"tiny/bert@{commit_of(content)}", "bert"), "sentiment")
        assert model.revision == commit_of(content)
        weights[model.revision] = model.network.state_dict()["classifier.weight"]
    newest = load(Checkpoint("tiny/bert@main", "bert"), "sentiment").network.state_dict()["classifier.weight"]
    assert torch.equal(newest, weights[commit_of(newer_bert)])
    assert not torch.equal(newest, weights[commit_of(bert)])


def test_weights_in_torchs_own_format_are_read_without_unpickling(bert: dict[str, bytes], tmp_path: Path) -> None:
    model = load(Checkpoint("tiny/pickled", "bert"), "sentiment")
    for name, content in bert.items():
        (tmp_path / name).write_bytes(content)
    safe = load(Checkpoint(str(tmp_path), "bert"), "sentiment")
    for key, tensor in safe.network.state_dict().items():
        assert torch.equal(model.network.state_dict()[key], tensor)


def test_a_malicious_pickle_is_refused_and_not_run(trap: Path) -> None:
    assert "runs no code of a checkpoint" in refusal(Checkpoint("tiny/malicious", "bert"))
    assert not trap.exists()


@pytest.mark.parametrize(
    ("source", "failure"),
    [
        ("tiny/missing", "missing"),
        ("tiny/bert@no-such-branch", "revision"),
        (f"tiny/bert@{'0' * 40}", "revision"),
        ("tiny/gated", "gated"),
        ("tiny/private", "gated"),
        ("tiny/slow", "slow"),
        ("tiny/slow-file", "cut off"),
        ("tiny/cut-off-for-ever", "cut off"),
        ("tiny/readme", "no config"),
        ("tiny/broken", "refused"),
        ("tiny/portal", "unreachable"),
    ],
)
def test_what_the_hub_does_not_give_is_one_sentence_in_bounded_time(hub: StandInHub, source: str, failure: str) -> None:
    address = hub.address.removeprefix("http://")
    started = time.monotonic()
    assert refusal(Checkpoint(source, "bert")) == FAILURES[failure].format(name=shown(source), hub=address)
    assert time.monotonic() - started < 15  # the longest wait is 3 s here; left alone, the client takes minutes


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("tiny/truncated", "The model.safetensors of tiny/truncated is damaged or cut off"),
        ("tiny/roberta", "tiny/roberta is a roberta checkpoint: choose one that is bert."),
        ("tiny/distilbert", "tiny/distilbert is a distilbert checkpoint"),
        ("tiny/base", "tiny/base has no trained head for this task"),
        ("tiny/entities", "tiny/entities has no trained head for this task"),
    ],
)
def test_what_is_no_model_for_the_task_is_one_sentence(source: str, told: str) -> None:
    assert refusal(Checkpoint(source, "bert")).startswith(told)


def test_after_a_failure_everything_goes_on(newer_bert: dict[str, bytes]) -> None:
    model = load(Checkpoint("tiny/distilbert", "distilbert"), "sentiment")
    tokens = model.tokenizer("the film was good", return_tensors="pt")
    before = model.network(**tokens).logits
    for source in ("tiny/missing", "tiny/truncated"):
        refusal(Checkpoint(source, "bert"))
    assert torch.equal(model.network(**tokens).logits, before)
    assert load(Checkpoint("tiny/bert", "bert"), "sentiment").revision == commit_of(newer_bert)


def test_the_download_is_watched(contacted: Path) -> None:
    load(Checkpoint("tiny/bert", "bert"), "sentiment")
    assert "127.0.0.1" in contacted.read_text(encoding="utf-8").split()


def test_a_download_cut_off_can_be_had_later(hub: StandInHub, bert: dict[str, bytes]) -> None:
    hub.repositories["tiny/mended"] = Repository([bert], cut_off=frozenset({"model.safetensors"}))
    assert "cut it off half-way" in refusal(Checkpoint("tiny/mended", "bert"))
    hub.repositories["tiny/mended"] = replace(hub.repositories["tiny/mended"], cut_off=frozenset())
    assert load(Checkpoint("tiny/mended", "bert"), "sentiment").revision == commit_of(bert)


def test_the_cache_serves_without_the_hub(hub: StandInHub, monkeypatch: pytest.MonkeyPatch) -> None:
    online = load(Checkpoint("tiny/bert", "bert"), "sentiment")
    asked = len(hub.requests)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    offline = load(Checkpoint("tiny/bert", "bert"), "sentiment")
    assert (offline.revision, offline.fingerprint) == (online.revision, online.fingerprint)
    assert refusal(Checkpoint("tiny/distilbert", "distilbert")) == FAILURES["offline"].format(name="tiny/distilbert")
    assert len(hub.requests) == asked
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    assert load(Checkpoint("tiny/bert", "bert"), "sentiment").revision == online.revision


def test_a_cached_checkpoint_is_not_downloaded_again(hub: StandInHub) -> None:
    load(Checkpoint("tiny/bert", "bert"), "sentiment")
    asked = len(hub.requests)
    load(Checkpoint("tiny/bert", "bert"), "sentiment")
    assert all("/api/models/" in request for request in hub.requests[asked:])


def test_a_dead_hub_is_one_sentence_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    started = time.monotonic()
    assert "cannot be reached" in refusal(Checkpoint("tiny/bert", "bert"))
    assert time.monotonic() - started < 10


def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HF_HOME", str(tmp_path / "file"))
    assert refusal(Checkpoint("tiny/bert", "bert")) == FAILURES["storage"].format(name="tiny/bert")


def test_the_address_in_a_sentence_keeps_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", f"http://someone:secret@127.0.0.1:{free_port()}")
    assert "secret" not in refusal(Checkpoint("tiny/bert", "bert"))
