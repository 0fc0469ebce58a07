"""What names a checkpoint, and which of its files are fetched."""

from pathlib import Path

import pytest

from analysis.models.hub import HubName, checkpoint_files, parse_source
from tests.support.checkpoint_folders import one_sentence


@pytest.mark.parametrize("text", ["owner/name", "google-bert/bert-base-uncased", "a/b", "0/_", "owner/v1.0"])
def test_names_of_the_hub(text: str) -> None:
    assert parse_source(text) == HubName(text)
    assert parse_source(f"{text}@refs/pr/1") == HubName(text, "refs/pr/1")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "name",
            "a/b/c",
            "a/b@",
            "a/../b",
            "a/b@..",
            "-a/b",
            "a/b\n",
            "a/b c",
            "a--b/c",
            "http://a/b",
            "a/b\0",
        ),
        *(
            "a/" + "b" * 97,
            "random:bert",
            "/no/such/folder",
            "./no",
            "~/no/such/folder",
            "~\0",
            "~\ud800",
            "é/b",
            "x" * 5000,
            "\ud800/b",
        ),
    ],
)
def test_what_names_no_checkpoint_is_one_sentence(text: str) -> None:
    one_sentence(lambda: parse_source(text))


def test_a_folder_comes_before_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "owner" / "name").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert parse_source("owner/name") == Path("owner/name")


def test_only_what_is_needed_is_downloaded() -> None:
    published = ["README.md", "config.json", "flax_model.msgpack", "model.safetensors", "pytorch_model.bin", "rust.ot"]
    assert checkpoint_files([*published, "vocab.txt"]) == ("config.json", "vocab.txt", "model.safetensors")
    shards = [f"pytorch_model-0000{part}-of-00002.bin" for part in (1, 2)]
    assert checkpoint_files([*shards, "optimizer.bin", "evil.py"]) == tuple(shards)
