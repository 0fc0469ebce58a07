"""Where a checkpoint's files are: a folder as it is, or the local cache of the Hugging Face hub, filled on first use.

A download runs in a process of its own, `analysis.models.hub_download`: it reads `HF_HOME`, `HF_ENDPOINT`,
`HF_HUB_OFFLINE` and `HF_TOKEN` afresh, and it ends in bounded time however the hub's client would go on retrying.
"""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from analysis.errors import AnalysisError
from analysis.wording import shown

CONFIG, CARD = "config.json", "README.md"
ADAPTER, LABELS, ADAPTER_WEIGHTS = "adapter_config.json", "labels.json", "adapter_model.safetensors"
ADAPTER_FILES = (ADAPTER, LABELS, ADAPTER_WEIGHTS)
TOKENIZER = ("tokenizer.json", "vocab.txt")  # either is enough
TOKENIZER_FILES = (*TOKENIZER, "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
WEIGHTS = (  # best first; shards need no index, since each names its own tensors
    r"model\.safetensors",
    r"model-\d{5}-of-\d{5}\.safetensors",
    r"pytorch_model\.bin",
    r"pytorch_model-\d{5}-of-\d{5}\.bin",
)
PART = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?"
REVISION = r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,99}"
HUB_NAME = re.compile(rf"(?!.*(?:--|\.\.))(?P<repository>{PART}/{PART})(?:@(?P<revision>{REVISION}))?")
ADDRESS = re.compile(
    rf"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/(?P<repository>{PART}/{PART})"
    r"(?:/(?:tree|blob|resolve|commit)/(?P<revision>(?:refs/(?:pr|heads|tags)/)?[^/?#]+)(?:/[^?#]*)?)?/?(?:[?#].*)?"
)
QUOTES = {('"', '"'), ("'", "'"), ("“", "”"), ("‘", "’"), ("`", "`"), ("<", ">")}

# The hub's client waits 10 s for an answer and then retries for minutes; whoever sets these variables decides.
PATIENCE = {"HF_HUB_ETAG_TIMEOUT": "5", "HF_HUB_DOWNLOAD_TIMEOUT": "10"}
# Xet is a second way to the same files, with retries of its own that no alarm can end.
QUIET = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_XET": "1"}

FAILURES = {
    "missing": "{name} was not found on {hub}: check owner/name, or set HF_TOKEN if it is private.",
    "revision": "{name} has no such revision on {hub}: after the @ name a branch, a tag or a commit that exists.",
    "gated": "{name} is gated or private on {hub}: accept its terms there and set HF_TOKEN, or choose another one.",
    "no config": "{name} on {hub} has no config.json: choose a BERT or DistilBERT checkpoint in Hugging Face format.",
    "unreachable": "{name} was not fetched, as {hub} cannot be reached: check the connection, or give a local folder.",
    "slow": "{name} was not fetched, as {hub} took too long to answer: try again later, or give a local folder.",
    "cut off": "{name} was not fetched, as {hub} cut it off half-way: load it again, or give a local folder.",
    "refused": "{name} was not fetched, as {hub} answered with an error: try again later, or give a local folder.",
    "offline": "{name} is not in the local cache and HF_HUB_OFFLINE is set: unset it, or give a local folder.",
    "unasked": "{name}, the base of an adapter, is not in the local cache, and nothing is fetched unasked: load it "
    "once as a checkpoint of your own, or give its folder as base_model_name_or_path.",
    "storage": "{name} could not be stored in the local cache: free some space, or set HF_HOME to a folder with more.",
    "ended": "The download of {name} ended unexpectedly: load it again, or give a local folder.",
}


@dataclass(frozen=True, slots=True)
class HubName:
    """A checkpoint on the hub; without a revision, the newest commit of its main branch."""

    repository: str  # owner/name
    revision: str | None = None

    def __str__(self) -> str:
        return self.repository + (f"@{self.revision}" if self.revision else "")


def as_source(text: str) -> str:
    """What a person typed or pasted for a checkpoint, as a source: without quotes, and an address as a hub's name.

    >>> as_source('"/models/mine"'), as_source("https://huggingface.co/owner/name/tree/v1")
    ('/models/mine', 'owner/name@v1')
    """
    text = text.strip()
    while len(text) > 1 and (text[0], text[-1]) in QUOTES:
        text = text[1:-1].strip()
    match = ADDRESS.fullmatch(text)
    return match["repository"] + (f"@{match['revision']}" if match["revision"] else "") if match else text


def parse_source(text: str) -> Path | HubName:
    """The folder or the hub name that `text` names, or an `AnalysisError` that says which forms there are."""
    if folder := _folder(text):
        return folder
    if match := HUB_NAME.fullmatch(text):
        return HubName(match["repository"], match["revision"])
    if text.startswith(("/", ".", "~")):
        raise AnalysisError(f"The folder {shown(text)} does not exist or cannot be read: check the path.")
    raise AnalysisError(
        f"“{shown(text)}” names no checkpoint: give an existing folder, or owner/name[@revision] on the hub."
    )


def _folder(text: str) -> Path | None:
    """The folder of that path, if there is one."""
    try:
        path = os.path.expanduser(text)
    except ValueError:  # as for the home of a user whose name no system can hold
        return None
    return Path(path) if os.path.isdir(path) else None


def checkpoint_files(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the file names that make up a checkpoint: configuration and tokenizer first, one set of weights last."""
    present = set(names)
    return (*sorted(present & {CONFIG, *TOKENIZER_FILES}), *weight_files(present))


def files_to_fetch(names: Iterable[str]) -> tuple[str, ...]:
    """Those that are fetched of a checkpoint or an adapter, whose names the hub lists: weights last, as they come last.

    A checkpoint has a config.json, also where the list says otherwise: what is said then is that it has none.
    """
    present = set(names)
    adapter = tuple(name for name in ADAPTER_FILES if name in present)
    own = checkpoint_files(present if ADAPTER in present else {CONFIG, *present})
    return (*sorted(present & {CARD}), *own, *adapter)


def weight_files(names: Iterable[str]) -> tuple[str, ...]:
    """The best set of weights among the file names: safetensors before torch's own format, one file before shards."""
    present = sorted(names)
    sets = (tuple(name for name in present if re.fullmatch(pattern, name)) for pattern in WEIGHTS)
    return next((found for found in sets if found), ())


def fetch(name: HubName, *, download: bool = True) -> tuple[Path, str]:
    """The folder in the local cache that holds the checkpoint, and its commit; what is not there yet is downloaded.

    The hub is asked for the commit each time; where it cannot be reached, or if `download` is False, the commit last
    seen is used.
    """
    process = subprocess.run(
        [sys.executable, "-P", "-m", "analysis.models.hub_download", name.repository, name.revision or ""],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        env=_environment() | ({} if download else {"HF_HUB_OFFLINE": "1"}),
        check=False,
    )
    if process.returncode != 0:
        logging.getLogger(__name__).error("download of %s: status %d\n%s", name, process.returncode, process.stderr)
    answer = json.loads(process.stdout) if process.returncode == 0 else {"failure": "ended"}
    if "failure" in answer:
        failure = "unasked" if answer["failure"] == "offline" and not download else answer["failure"]
        raise AnalysisError(FAILURES[failure].format(name=shown(str(name)), hub=_hub()))
    return Path(answer["folder"]), answer["revision"]


def _environment() -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[2])  # the child finds this package whatever folder it starts in
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return {**PATIENCE, **os.environ, **QUIET, "PYTHONPATH": path}


def _hub() -> str:
    address = urlsplit(os.environ.get("HF_ENDPOINT", "https://huggingface.co")).netloc
    return shown(address.rpartition("@")[2] or "the hub", 40)  # never the user name and password of an address
