"""A running server: who waits is told where in the queue, who stops it has not to wait, and its readers are told."""

from __future__ import annotations

import asyncio
import signal
import time
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from websockets import ClientConnection
from websockets.exceptions import ConnectionClosed

from benchmarks.load import asking, connect, messages
from tests.support.servers import ROOT, Dashboard, dashboard_server

LONGEST = {"task": "sentiment", "measure": "rsa"}  # both models read hundreds of sentences
STOPPED_S = 10.0
PATIENCE_S = 120.0
TOO_BIG = 1009  # why a websocket is closed (RFC 6455, 7.4.1)


@pytest.mark.long
def test_readers_are_told_what_they_wait_for_and_when_the_server_stops(tmp_path: Path) -> None:
    with dashboard_server(tmp_path, "/readyz", DISTILLENS_WAITING="1") as server:
        took = asyncio.run(stopped_in_the_middle(server))
        assert took < STOPPED_S
        assert "Traceback" not in server.log.read_text()


def test_who_sends_more_than_a_message_may_hold_is_cut_off_and_others_are_not(tmp_path: Path) -> None:
    most = toml_config()["server"]["maxMessageSize"] * 2**20

    async def cut_off(url: str) -> int | None:
        async with connect(url) as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await socket.send(bytes(most + 1))
                await socket.recv()
            return closed.value.rcvd.code if closed.value.rcvd else None

    with dashboard_server(tmp_path) as server:
        assert asyncio.run(cut_off(server.url)) == TOO_BIG
        assert urlopen(f"{server.url}/_stcore/health").status == 200


def toml_config() -> dict[str, Any]:
    return tomllib.loads((ROOT / "dashboard" / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


class Reader:
    """A session that has been opened; `go` asks its question, and `saw` waits for words that it is sent."""

    def __init__(self, socket: ClientConnection, page: str, question: dict[str, str]) -> None:
        self._socket, self._page, self._question = socket, page, question
        self._seen = bytearray()

    def go(self) -> None:
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for message in messages(self._socket, asking(self._page, self._question)):
                self._seen += message.SerializeToString()

    async def saw(self, words: str) -> None:
        until = time.monotonic() + PATIENCE_S
        while words.encode() not in self._seen:
            assert time.monotonic() < until, f"Nobody was told: {words}"
            await asyncio.sleep(0.05)


@asynccontextmanager
async def reading(server: Dashboard, page: str, question: dict[str, str]) -> AsyncIterator[Reader]:
    async with connect(server.url) as socket:
        yield Reader(socket, page, question)


async def stopped_in_the_middle(server: Dashboard) -> float:
    """The seconds from the signal to the end of the process."""
    async with (
        reading(server, "similarity", LONGEST) as first,
        reading(server, "similarity", LONGEST) as same,
        reading(server, "predictions", {"task": "sentiment", "text": "A queue is a line."}) as next_one,
        reading(server, "predictions", {"task": "sentiment", "text": "A line is a queue."}) as late,
    ):
        first.go()
        await first.saw("Comparing all layers")
        same.go()
        next_one.go()
        await same.saw("Somebody asked the same")
        await next_one.saw("yours is number 1 in the queue")
        late.go()
        await late.saw("1 request is waiting, and 1 is the limit")
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        for reader in (first, same, next_one):
            await reader.saw("The server is stopping")
    await asyncio.to_thread(server.process.wait, STOPPED_S)
    return time.monotonic() - began
