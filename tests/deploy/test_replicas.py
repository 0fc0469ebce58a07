"""Two servers, a real Redis and a real nginx with the configuration that is shipped; then one server is killed."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
import pytest
import websockets
from redis import Redis
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.load import asking, connect, messages
from dashboard.links import HASHED, PACKED, packed
from dashboard.share import COPY
from tests.support.nginx import NGINX, nginx
from tests.support.servers import REDIS, answered, free_port, redis_server, stopped

ROOT = Path(__file__).resolve().parents[2]
START_S = 300
SHORT = {"task": "sentiment", "text": "The film was hardly a success in 1927."}
# Letters without a pattern, more than a link can carry however it is compressed; yet each word is one token, [UNK].
LETTERS = random.Random(0).choices("abcdefghijklmnopqrstuvwxyz", k=20_000)
LONG_TEXT = "The film was good. " + " ".join("".join(LETTERS[at : at + 200]) for at in range(0, len(LETTERS), 200))
LONG = {"task": "sentiment", f"text{PACKED}": packed(LONG_TEXT)}

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not (NGINX and REDIS), reason="there is no nginx or no redis-server"),
]


@dataclass(slots=True)
class Replicas:
    """Two servers by the names that nginx has for them, the address in front of both, and the store that they share."""

    folder: Path
    store: str
    ports: dict[str, int]
    servers: dict[str, subprocess.Popen[str]]
    url: str = ""

    def start(self, name: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DISTILLENS_")}
        environment |= {
            "CACHE_URL": self.store,
            "DISTILLENS_CACHE": str(self.folder / name),
            "DISTILLENS_TEXTS_GB": "0.01",
            "HF_HUB_OFFLINE": "1",
        }
        command = [sys.executable, "-m", "dashboard", "serve", "--port", str(self.ports[name])]
        self.servers[name] = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def wait(self, name: str) -> None:
        answered(f"http://127.0.0.1:{self.ports[name]}/readyz", self.servers[name], START_S)

    def kill(self, name: str) -> None:
        self.servers[name].kill()
        self.servers[name].communicate()

    def counts(self, command: str) -> int:
        """How often the store was asked for this, by either server."""
        with Redis.from_url(self.store) as client:
            asked = client.info("commandstats").get(f"cmdstat_{command}", {"calls": 0})
        return int(asked["calls"])

    def found(self) -> int:
        """How often the store had what it was asked for."""
        with Redis.from_url(self.store) as client:
            return int(client.info("stats")["keyspace_hits"])


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    folder = tmp_path_factory.mktemp("replicas")
    with ExitStack() as running:
        store = running.enter_context(redis_server(free_port()))
        both = Replicas(folder, store, {"one": free_port(), "two": free_port()}, {})
        for name in both.ports:
            both.start(name)
        running.callback(lambda: [stopped(server) for server in both.servers.values()])
        for name in both.ports:
            both.wait(name)
        both.url = running.enter_context(nginx(folder, *both.ports.values(), path="/_stcore/health"))
        yield both


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run of a page has sent."""

    forwards: tuple[ForwardMsg, ...]

    @property
    def answer(self) -> tuple[str, ...]:
        """Both models' answers, from the bench, and what else is said in sentences."""
        return tuple(body for body in self._bodies if 'class="dl-both"' in body or 'class="dl-note"' in body)

    @property
    def problems(self) -> list[str]:
        exceptions = [element.exception.message for element in self._elements if element.HasField("exception")]
        return exceptions + [body for body in self._bodies if 'class="dl-problem"' in body]

    @property
    def texts(self) -> list[str]:
        """What stands in the fields that the reader writes in."""
        return [element.text_area.value for element in self._elements if element.HasField("text_area")]

    @property
    def link(self) -> dict[str, str]:
        """The query of the link to this view, where that was asked for."""
        components = [element.bidi_component for element in self._elements if element.HasField("bidi_component")]
        [copied] = [json.loads(each.json) for each in components if each.component_name.endswith("dl_copy_link")]
        return dict(parse_qsl(urlsplit(copied["link"]).query))

    @property
    def _elements(self) -> list[Element]:
        return [forward.delta.new_element for forward in self.forwards]

    @property
    def _bodies(self) -> list[str]:
        return [element.html.body for element in self._elements]

    def asking_for_the_link(self, asked: BackMsg) -> BackMsg:
        """What the browser sends when the reader asks for the link to this view."""
        blocks = (forward.delta.add_block.popover for forward in self.forwards)
        [folded] = [block for block in blocks if block.label == COPY]
        click = BackMsg()
        click.CopyFrom(asked)
        click.rerun_script.widget_states.widgets.add(id=folded.id, bool_value=True)
        return click


async def seen(socket: websockets.ClientConnection, asked: BackMsg) -> Seen:
    return Seen(tuple([forward async for forward in messages(socket, asked)]))


def opened(url: str, **cookies: str) -> str:
    """Asks for the page over HTTP, as a browser begins, and returns the replica that its cookie then names."""
    page = httpx2.get(url, cookies=cookies)
    assert page.status_code == 200
    return page.cookies["replica"]


def cookie(name: str) -> dict[str, dict[str, str]]:
    return {"additional_headers": {"Cookie": f"replica={name}"}}


def the_other(name: str) -> str:
    return {"one": "two", "two": "one"}[name]


def test_a_link_reopens_on_the_other_server_and_nothing_is_computed_again(replicas: Replicas) -> None:
    asyncio.run(killed_in_a_session(replicas))


async def killed_in_a_session(replicas: Replicas) -> None:
    first = opened(replicas.url)
    second = the_other(first)
    try:
        async with connect(replicas.url, **cookie(first)) as socket:
            before = await seen(socket, asking("predictions", SHORT))
            long = await seen(socket, asking("predictions", LONG))
            unfolded = await seen(socket, long.asking_for_the_link(asking("predictions", LONG)))
            computed, found = replicas.counts("set"), replicas.found()
            assert computed > 0
            replicas.kill(first)
            with pytest.raises(websockets.ConnectionClosedError):
                while True:
                    await socket.recv()
        assert f"text{HASHED}" in unfolded.link
        assert opened(f"{replicas.url}/?{urlencode(unfolded.link)}", replica=first) == second
        async with connect(replicas.url, **cookie(first)) as socket:
            assert socket.response.headers["Set-Cookie"].startswith(f"replica={second};")
            after = await seen(socket, asking("predictions", SHORT))
            again = await seen(socket, asking("predictions", unfolded.link))
    finally:
        replicas.start(first)
        replicas.wait(first)
    assert len(before.answer) > 1
    assert after.answer == before.answer
    assert again.answer == long.answer != before.answer
    assert again.texts == [LONG_TEXT]
    assert [*before.problems, *long.problems, *after.problems, *again.problems] == []
    assert replicas.counts("set") == computed
    assert replicas.found() > found
