"""A real Redis server for as long as a test needs it, and ports on which there is none."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

SERVER = shutil.which("redis-server")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def url_at(port: int) -> str:
    return f"redis://127.0.0.1:{port}/0"


@contextmanager
def redis_process(port: int, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server that answers on the port, and keeps nothing on disk."""
    command = [str(SERVER), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            while not _answers(port):
                assert server.poll() is None
                time.sleep(0.01)
            yield server
        finally:
            server.kill()


@contextmanager
def redis_server(port: int, *options: str) -> Iterator[str]:
    """The address of such a server."""
    with redis_process(port, *options):
        yield url_at(port)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
