"""Servers for a test, each a process of its own on a port that was free: Redis, and whatever answers over HTTP."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

REDIS = shutil.which("redis-server")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def redis_server(port: int) -> Iterator[str]:
    """The address of an empty Redis that keeps nothing on disk."""
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen([str(REDIS), *options], stdout=subprocess.DEVNULL) as server:
        try:
            while not listens(port):
                assert server.poll() is None
                time.sleep(0.01)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def answered(url: str, server: subprocess.Popen[Any], seconds: float) -> None:
    """Waits until the address answers 200. Fails with what the server has written if it ends before, or never does."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(url, timeout=15):
                return
        except (HTTPError, URLError, OSError):
            time.sleep(0.2)
    server.kill()
    raise AssertionError(f"{url} did not answer within {seconds:g} s. The server wrote:\n{server.communicate()[0]}")


def stopped(server: subprocess.Popen[Any]) -> None:
    """Ends a server and takes what it has written, so that nothing of it is left open."""
    server.terminate()
    server.communicate(timeout=60)
