"""Which hosts this process, and Python processes that it starts, look up or connect to."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def watch(note: Callable[[str], object]) -> None:
    """Hands every host on, from now to the end of the process: an audit hook stays for good."""

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "socket.getaddrinfo":
            note(str(arguments[0]))
        elif event == "socket.connect" and isinstance(arguments[1], tuple):
            note(str(arguments[1][0]))

    sys.addaudithook(hook)


def watch_into(log: str) -> None:
    """Adds every host to the file, a line each."""

    def note(host: str) -> None:
        with open(log, "a", encoding="utf-8") as file:
            file.write(f"{host}\n")

    watch(note)


def watched_path(log: Path) -> str:
    """`PYTHONPATH` of processes that are watched from their start; the log's folder is made for it."""
    log.parent.mkdir()
    start = f"from tests.support.contacts import watch_into\nwatch_into({str(log)!r})\n"
    (log.parent / "sitecustomize.py").write_text(start, encoding="utf-8")
    return os.pathsep.join(map(str, (log.parent, ROOT)))
