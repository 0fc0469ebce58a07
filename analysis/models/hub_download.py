"""The process that downloads one checkpoint and prints one JSON object.

    python -m analysis.models.hub_download owner/name revision

That is `{"folder": …, "revision": …}`, or `{"failure": …}` with a key of `analysis.models.hub.FAILURES`. The client
retries a silent hub for minutes and takes a trickle of bytes for progress; an alarm ends both. An alarm needs a main
thread of its own, and its exception must pass through the client: hence a process, and a `BaseException`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

import httpx2
from huggingface_hub import HfApi, constants, errors, hf_hub_download, try_to_load_from_cache

from analysis.models.hub import ADAPTER, ADAPTER_WEIGHTS, CONFIG, TOKENIZER, files_to_fetch, weight_files

CHUNK = 256 * 1024  # bytes that must arrive within HF_HUB_DOWNLOAD_TIMEOUT seconds: 26 kB/s by default
DOWN = ("unreachable", "slow", "refused", "offline")  # no word from the hub: what is in the cache will do


class SilenceError(BaseException):
    """The hub has sent too little for too long."""


class Heartbeat:
    """Stands where the client would put a progress bar, and puts the alarm off whenever bytes arrive."""

    begun = False

    def __init__(self, **_: object) -> None:
        Heartbeat.begun = True

    def __enter__(self) -> Heartbeat:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, count: float | None = 1) -> None:
        if count is not None and count < 0:  # the hub starts the file over: with such a hub that never ends
            raise SilenceError
        set_alarm()


def set_alarm() -> None:
    """`SilenceError` in this thread, unless the alarm is set again in time."""
    signal.setitimer(signal.ITIMER_REAL, constants.HF_HUB_DOWNLOAD_TIMEOUT)


def raise_silence(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SilenceError


def outcome(repository: str, revision: str | None) -> dict[str, str]:
    """Folder and commit of the checkpoint, from the hub or, where the hub is down, from the cache; or the failure."""
    try:
        return downloaded(repository, revision)
    except SilenceError:
        failure = "cut off" if Heartbeat.begun else "slow"
    except (httpx2.HTTPError, httpx2.InvalidURL, errors.RevisionResolutionError, OSError) as error:
        failure = failure_of(error)
    except (ValueError, TypeError, KeyError):  # an answer that is not the hub's, such as the page of a captive portal
        failure = "unreachable"
    signal.setitimer(signal.ITIMER_REAL, 0)  # the cache is not the hub: no alarm while it is searched
    in_cache = cached(repository, revision) if failure in DOWN else None
    return in_cache or {"failure": failure}


def downloaded(repository: str, revision: str | None) -> dict[str, str]:
    """Folder and commit of the checkpoint after every file that is not in the cache yet has been downloaded."""
    api = HfApi()
    listing = api.model_info(repository, revision=revision, timeout=constants.HF_HUB_ETAG_TIMEOUT)
    if listing.sha is None:
        raise ValueError("a listing without a commit")
    for name in files_to_fetch(sibling.rfilename for sibling in listing.siblings or ()):
        set_alarm()
        path = hf_hub_download(
            repository,
            name,
            revision=listing.sha,
            etag_timeout=constants.HF_HUB_ETAG_TIMEOUT,
            tqdm_class=Heartbeat,
        )
    api.resolve_revision(repository, revision=revision)  # remembers the commit for days without a hub
    return {"folder": str(Path(path).parent), "revision": listing.sha}


def cached(repository: str, revision: str | None) -> dict[str, str] | None:
    """Folder and commit of the checkpoint as last seen, where the cache has all of it: weights were fetched last."""
    found = [try_to_load_from_cache(repository, name, revision=revision) for name in (CONFIG, ADAPTER)]
    paths = [path for path in found if isinstance(path, str)]
    if not paths:
        return None
    folder = Path(paths[0]).parent
    names = set(os.listdir(folder))
    complete = ADAPTER_WEIGHTS in names if ADAPTER in names else weight_files(names) and names & set(TOKENIZER)
    return {"folder": str(folder), "revision": folder.name} if complete else None


def failure_of(error: BaseException | None) -> str:
    """The key of `FAILURES` that tells what this exception means to the reader."""
    if isinstance(error, (errors.LocalEntryNotFoundError, errors.RevisionResolutionError)):
        return failure_of(error.__cause__)
    for kind, failure in KINDS:
        if isinstance(error, kind):
            return failure
    if isinstance(error, errors.HfHubHTTPError):
        return "gated" if error.response.status_code in (401, 403) else "refused"
    if isinstance(error, OSError) and error.errno is not None:
        return "storage"
    return "cut off" if Heartbeat.begun else "unreachable"


KINDS: tuple[tuple[type[BaseException], str], ...] = (  # in order: a GatedRepoError is a RepositoryNotFoundError
    (errors.OfflineModeIsEnabled, "offline"),
    (errors.GatedRepoError, "gated"),
    (errors.RevisionNotFoundError, "revision"),
    (errors.RepositoryNotFoundError, "missing"),
    (errors.RemoteEntryNotFoundError, "no config"),
    (httpx2.TimeoutException, "slow"),
)


if __name__ == "__main__":
    constants.DOWNLOAD_CHUNK_SIZE = CHUNK  # the client tells its progress bar once a chunk
    signal.signal(signal.SIGALRM, raise_silence)
    set_alarm()
    print(json.dumps(outcome(sys.argv[1], sys.argv[2] or None)))
