"""A hub on loopback that speaks as much of the Hugging Face hub's protocol as its client needs to read a model.

Routes (https://huggingface.co/docs/hub/api, and huggingface_hub's `model_info` and `hf_hub_download`):
`GET /api/models/{owner}/{name}[/revision/{revision}]`, and `HEAD` and `GET /{owner}/{name}/resolve/{revision}/{file}`.
"""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest


@dataclass(frozen=True)
class Refusal:
    """How the hub says no: a status, and the code its client turns into an exception."""

    status: int
    code: str = ""
    message: str = ""


@dataclass
class Repository:
    """Commits of one repository, newest last, and how the hub serves it."""

    commits: list[Mapping[str, bytes]]  # file name -> content
    listing_refusal: Refusal | None = None
    file_refusal: Refusal | None = None
    slow: frozenset[str] = frozenset()  # "listing" or file names that are never answered
    cut_off: frozenset[str] = frozenset()  # files of which half is sent, each time
    ranges: bool = True  # whether a download can be resumed

    @property
    def revisions(self) -> dict[str, Mapping[str, bytes]]:
        """Content by commit, and `main` for the newest."""
        by_commit = {commit_of(content): content for content in self.commits}
        return by_commit | {"main": self.commits[-1]}


def commit_of(content: Mapping[str, bytes]) -> str:
    """Forty hexadecimal digits that depend on every byte, as a commit's."""
    digest = hashlib.sha1(usedforsecurity=False)
    for name in sorted(content):
        digest.update(name.encode() + b"\0" + content[name])
    return digest.hexdigest()


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of a folder, as a commit holds them."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@dataclass
class StandInHub:
    """`repositories` by owner/name, the address to give as `HF_ENDPOINT`, and every request that came."""

    repositories: dict[str, Repository]
    address: str = ""
    requests: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)


@contextmanager
def stand_in_hub(repositories: Mapping[str, Repository]) -> Iterator[StandInHub]:
    """The hub while the block runs."""
    hub = StandInHub(dict(repositories))

    class Bound(_Handler):
        stand_in = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield hub
    finally:
        hub.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def use_hub(hub: StandInHub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's client asks this hub alone, directly, and keeps what it gets in this folder."""
    for variable in list(os.environ):
        if variable.startswith("HF_") or variable.lower().endswith("_proxy"):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    monkeypatch.setenv("HF_HOME", str(home))


class _Handler(BaseHTTPRequestHandler):
    stand_in: StandInHub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        pass  # the client's output is tested, not the server's

    def _answer(self) -> None:
        self.stand_in.requests.append(f"{self.command} {self.path}")
        parts = [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")]
        match parts:
            case ["api", "models", owner, name]:
                self._serve(f"{owner}/{name}", "main", self._listing)
            case ["api", "models", owner, name, "revision", revision]:
                self._serve(f"{owner}/{name}", revision, self._listing)
            case [owner, name, "resolve", revision, file]:
                self._serve(f"{owner}/{name}", revision, lambda *found: self._file(file, *found))
            case _:
                self._refuse(Refusal(404, message="No such route."))

    def _serve(self, name: str, revision: str, answer: Callable[[str, Repository, Mapping[str, bytes]], None]) -> None:
        repository = self.stand_in.repositories.get(name)
        if repository is None:
            self._refuse(Refusal(401, "RepoNotFound", "Invalid username or password."))
        elif revision not in repository.revisions:
            self._refuse(Refusal(404, "RevisionNotFound", f"Invalid rev id: {revision}"))
        else:
            answer(name, repository, repository.revisions[revision])

    def _listing(self, name: str, repository: Repository, content: Mapping[str, bytes]) -> None:
        if "listing" in repository.slow:
            self._hang()
        elif repository.listing_refusal:
            self._refuse(repository.listing_refusal)
        else:
            siblings = [{"rfilename": file} for file in content]
            self._send(json.dumps({"id": name, "sha": commit_of(content), "siblings": siblings}).encode())

    def _file(self, file: str, _name: str, repository: Repository, content: Mapping[str, bytes]) -> None:
        if file in repository.slow:
            self._hang()
        elif repository.file_refusal:
            self._refuse(repository.file_refusal)
        elif file not in content:
            self._refuse(Refusal(404, "EntryNotFound", "Entry not found"), {"X-Repo-Commit": commit_of(content)})
        else:
            body = content[file]
            headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()}"', "X-Repo-Commit": commit_of(content)}
            self._send_part(body, headers, resumable=repository.ranges, cut_off=file in repository.cut_off)

    def _send_part(self, body: bytes, headers: dict[str, str], *, resumable: bool, cut_off: bool) -> None:
        """The body, from where the client asks for it; cut off, it never gets past its middle."""
        wanted = self.headers.get("Range", "") if resumable else ""
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        end = max(start, len(body) // 2) if cut_off else len(body)
        self._send(body[start:], headers, status=206 if start else 200, sent=end - start)

    def _send(
        self, body: bytes, headers: Mapping[str, str] | None = None, status: int = 200, sent: int | None = None
    ) -> None:
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[:sent])
        if sent is not None and sent < len(body):
            self.close_connection = True

    def _refuse(self, refusal: Refusal, headers: Mapping[str, str] | None = None) -> None:
        told = {"X-Error-Code": refusal.code, "X-Error-Message": refusal.message} if refusal.code else {}
        self._send(json.dumps({"error": refusal.message}).encode(), told | dict(headers or {}), refusal.status)

    def _hang(self) -> None:
        self.stand_in.closing.wait(60)
        self.close_connection = True
