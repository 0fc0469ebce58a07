"""How many readers one server holds: sessions over the real websocket, in Streamlit's own messages.

    python -m benchmarks.load                              # starts a server of its own, with an empty store
    python -m benchmarks.load --url http://127.0.0.1:8501  # asks one that is running
    python -m benchmarks.load --sessions 20 50 --pause 5 --page attention

A session opens the page, then asks one new text after the other, and pauses between two as a reader does (exponentially
distributed, seeded), or not at all (`--pause 0`). Printed are answers per second, the seconds from question to the end
of the run, bytes that the server sent for each, what was refused because the queue was full, and exceptions on the
page; first for one session alone, with the same question again (all of it remembered) and with new ones.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.typing import Subprotocol

from benchmarks.running import options_of

ROOT = Path(__file__).resolve().parent.parent
TASKS = ("sentiment", "fill-mask", "entities", "sentence-pair")
SUBJECTS = ("The film", "A small town", "Her last book", "The old house", "This long evening", "My neighbour's dog")
VERBS = ("was", "seemed", "is", "remained", "had been", "became")
ENDS = (
    "hardly a success",
    "better than ever",
    "far from Paris",
    "lost on everyone",
    "quite good",
    "a strange surprise",
)
MOST_BYTES = 200 * 2**20  # of one message
REFUSED = "is the limit. Try again in a moment."


@dataclass(frozen=True, slots=True)
class Answer:
    """One run of a page: seconds, bytes that the server sent, and what went wrong."""

    seconds: float
    sent_bytes: int
    refused: bool
    exceptions: tuple[str, ...]


def main() -> None:
    options = arguments()
    with server(options.url) as url:
        for page in options.page:
            print(f"\n## {page or 'predictions'}\n")
            alone = asyncio.run(session(url, page, questions(1, options.texts), 0.0, random.Random(0)))
            again = asyncio.run(
                session(url, page, [next(iter(questions(1, 1)))] * options.texts, 0.0, random.Random(0))
            )
            print(row("one session, the same question again", again[1:]))
            print(row("one session, new texts", alone))
            for count in options.sessions:
                for pause in options.pause:
                    began = time.monotonic()
                    answers = asyncio.run(together(url, page, count, options.texts, pause))
                    took = time.monotonic() - began
                    waits = f"pausing {pause:g} s" if pause else "without a pause"
                    print(
                        row(f"{count} sessions {waits}", answers), f"{len(answers) / took:6.1f} answers/s", flush=True
                    )


def arguments() -> argparse.Namespace:
    parser = options_of(__doc__)
    parser.add_argument("--url", help="of a running server")
    parser.add_argument("--page", nargs="+", default=["predictions", "attention"], help="paths of pages")
    parser.add_argument("--sessions", nargs="+", type=int, default=[20, 50])
    parser.add_argument("--texts", type=int, default=5, help="for each session")
    parser.add_argument("--pause", nargs="+", type=float, default=[5.0, 0.0], help="mean seconds between two texts")
    return parser.parse_args()


async def together(url: str, page: str, count: int, texts: int, pause: float) -> list[Answer]:
    """All answers of sessions that run at once, each with a seed and texts of its own.

    These depend on all of it, so that nothing is answered from what an earlier load has left in the store.
    """
    seeds = [f"{page} {count} {pause} {number}" for number in range(count)]
    sessions = [session(url, page, questions(seed, texts), pause, random.Random(seed)) for seed in seeds]
    return [answer for answers in await asyncio.gather(*sessions) for answer in answers]


async def session(
    url: str, page: str, asked: Sequence[dict[str, str]], pause: float, generator: random.Random
) -> list[Answer]:
    """Opens the page, and then asks; the opening is not counted."""
    async with connect(url) as socket:
        await run(socket, page, asked[0])
        answers = []
        for question in asked:
            if pause:
                await asyncio.sleep(generator.expovariate(1 / pause))
            answers.append(await run(socket, page, question))
        return answers


def connect(url: str, **how: Any) -> websockets.connect:
    """A session's websocket at the server's address, and `how` else to open it."""
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    return websockets.connect(address, subprotocols=[Subprotocol("streamlit")], max_size=MOST_BYTES, **how)


async def run(socket: websockets.ClientConnection, page: str, question: dict[str, str]) -> Answer:
    """One run of the app for a question, as the browser asks for it after Back: by the address alone."""
    began, sent, refused, exceptions = time.monotonic(), 0, False, []
    async for forward in messages(socket, asking(page, question)):
        sent += forward.ByteSize()
        element = forward.delta.new_element
        if element.HasField("exception"):
            exceptions.append(f"{element.exception.type}: {element.exception.message}")
        refused |= REFUSED in element.html.body
    return Answer(time.monotonic() - began, sent, refused, tuple(exceptions))


def asking(page: str, question: dict[str, str]) -> BackMsg:
    """What the browser sends to have a page run with a question as its address."""
    message = BackMsg()
    message.rerun_script.query_string = urlencode(question)
    message.rerun_script.page_name = page
    return message


async def messages(socket: websockets.ClientConnection, asked: BackMsg) -> AsyncIterator[ForwardMsg]:
    """All that the server sends for one run of the app."""
    await socket.send(asked.SerializeToString())
    finished = False
    while not finished:
        frame = await socket.recv()
        forward = ForwardMsg.FromString(frame if isinstance(frame, bytes) else frame.encode())
        finished = forward.HasField("script_finished")
        yield forward


def questions(seed: int | str, count: int) -> list[dict[str, str]]:
    """Texts that nobody has asked before, of mixed tasks."""
    generator = random.Random(seed)
    return [_question(generator, place) for place in range(count)]


def _question(generator: random.Random, place: int) -> dict[str, str]:
    task = TASKS[(place + generator.randrange(len(TASKS))) % len(TASKS)]
    return question(task, sentence(generator), f"It was {generator.randrange(10_000)}.")


def sentence(generator: random.Random) -> str:
    """One of 2,160,000 sentences."""
    subject, verb, end = map(generator.choice, (SUBJECTS, VERBS, ENDS))
    return f"{subject} {verb} {end} in {generator.randrange(10_000)}."


def question(task: str, text: str, other: str) -> dict[str, str]:
    """The address of a text of such sentences, and of another one where the task reads two."""
    if task == "fill-mask":
        return {"task": task, "text": text.replace(" in ", " in [MASK] ", 1)}
    if task == "question-answering":
        return {"task": task, "text": other, "text-pair": text}
    return {"task": task, "text": text} | ({"text-pair": other} if task == "sentence-pair" else {})


def row(name: str, answers: Sequence[Answer]) -> str:
    """What these answers took, in one line, and each exception in one more."""
    took = sorted(answer.seconds for answer in answers)
    exceptions = [line for answer in answers for line in answer.exceptions]
    figures = (
        f"p50 {statistics.median(took) * 1e3:7.0f} ms",
        f"p95 {took[int(0.95 * (len(took) - 1))] * 1e3:7.0f} ms",
        f"max {took[-1] * 1e3:7.0f} ms",
        f"{statistics.median(answer.sent_bytes for answer in answers) / 1e3:7.0f} kB",
        f"{sum(answer.refused for answer in answers)} refused",
        f"{len(exceptions)} exceptions",
    )
    return "\n    ".join((f"{name:50} {'  '.join(figures)}", *dict.fromkeys(exceptions)))


@contextmanager
def server(url: str | None) -> Iterator[str]:
    """The address of the server at `url`, or of one of our own."""
    if url:
        yield url
        return
    with own_server() as (own, _):
        yield own


@contextmanager
def own_server() -> Iterator[tuple[str, int]]:
    """The address and the process number of a server with an empty store, ready to answer."""
    port = 8599
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DISTILLENS_CACHE": folder, "HF_HUB_OFFLINE": "1"}
        command = [sys.executable, "-m", "dashboard", "serve", "--port", str(port)]
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
            try:
                while not _ready(f"http://127.0.0.1:{port}/readyz"):
                    time.sleep(0.2)
                yield f"http://127.0.0.1:{port}", process.pid
            finally:
                process.terminate()


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except (URLError, OSError):
        return False


if __name__ == "__main__":
    main()
