"""Servers for a test, each a process of its own on a port that was free: Redis, and whatever answers over HTTP."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
START_S = 90
OWN = ("CACHE_URL", "HF_ENDPOINT")
REDIS = shutil.which("redis-server")
needs_redis = pytest.mark.skipif(REDIS is None, reason="There is no redis-server.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def redis_url(port: int) -> str:
    return f"redis://127.0.0.1:{port}/0"


@contextmanager
def redis_process(port: int, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Redis server that answers on the port, empty at first, and keeps nothing on disk."""
    command = [str(REDIS), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            while not listens(port):
                assert server.poll() is None
                time.sleep(0.01)
            yield server
        finally:
            server.kill()


@contextmanager
def redis_server(port: int, *options: str) -> Iterator[str]:
    """The address of such a server."""
    with redis_process(port, *options):
        yield redis_url(port)


def answered(url: str, server: subprocess.Popen[Any], seconds: float) -> None:
    """Waits until the address answers 200. Fails with what the server has written if it ends before, or never does."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.poll() is None:
        if is_answered(url):
            return
        time.sleep(0.2)
    server.kill()
    raise AssertionError(f"{url} did not answer within {seconds:g} s. The server wrote:\n{server.communicate()[0]}")


def stopped(server: subprocess.Popen[Any]) -> None:
    """Ends a server and takes what it has written, so that nothing of it is left open."""
    server.terminate()
    server.communicate(timeout=60)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A running dashboard: its address, its process, and the file that it writes what it has to say into."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def dashboard_server(folder: Path, ready: str = "/_stcore/health", **settings: str) -> Iterator[Dashboard]:
    """A dashboard without a hub, with an empty store in `folder` and these settings, once `ready` answers 200.

    The developer's own settings would change what is looked at, and are left out.
    """
    port, log = free_port(), folder / "log.txt"
    own = {name: value for name, value in os.environ.items() if not name.startswith(("DISTILLENS_", *OWN))}
    environment = {"DISTILLENS_CACHE": str(folder / "cache"), "HF_HUB_OFFLINE": "1", **settings}
    command = [sys.executable, "-m", "dashboard", "serve", "--port", str(port)]
    with log.open("w") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, env={**own, **environment}, stdout=output, stderr=subprocess.STDOUT
        )
    running = Dashboard(f"http://127.0.0.1:{port}", server, log)
    try:
        until = time.monotonic() + START_S
        while not is_answered(running.url + ready):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < until, f"No answer within {START_S} s:\n{log.read_text()}"
            time.sleep(0.1)
        yield running
    finally:
        server.terminate()
        server.wait(timeout=START_S)


def is_answered(url: str) -> bool:
    """Whether this address answers 200 now."""
    try:
        with urlopen(url, timeout=15):
            return True
    except (URLError, OSError):
        return False
