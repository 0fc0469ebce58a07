"""Which replica nginx sends a reader to: the same one while it lives, and from then on the other."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest

from tests.support.nginx import NGINX, nginx, written
from tests.support.servers import free_port

pytestmark = pytest.mark.skipif(NGINX is None, reason="there is no nginx")

READERS = 40  # that all of them come to one of two replicas by chance: once in 10^12


class Echo(BaseHTTPRequestHandler):
    """Answers with its own port and the headers that it was asked with."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        port = self.connection.getsockname()[1]
        body = "\n".join([str(port), *(f"{name}: {value}" for name, value in self.headers.items())])
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def echo(port: int) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", port), Echo)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def ports() -> tuple[int, int]:
    return free_port(), free_port()


def answering(client: httpx2.Client) -> int:
    """The port of the replica that answers this reader."""
    return int(client.get("/").raise_for_status().text.splitlines()[0])


def test_the_configuration_is_accepted(tmp_path: Path) -> None:
    checked = subprocess.run([*written(tmp_path, 1, 2, 3), "-t"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr


def test_a_reader_stays_with_one_replica_and_readers_are_shared_out(tmp_path: Path, ports: tuple[int, int]) -> None:
    came_to = set()
    with echo(ports[1]), ExitStack() as first, nginx_over(first, tmp_path, ports) as reader:
        for _ in range(READERS):
            reader.cookies.clear()
            asked = {answering(reader) for _ in range(3)}
            assert len(asked) == 1
            came_to |= asked
    assert came_to == set(ports)


def test_a_reader_whose_replica_is_gone_stays_with_the_other_also_when_it_is_back(
    tmp_path: Path, ports: tuple[int, int]
) -> None:
    one, two = ports
    with echo(two), ExitStack() as first, nginx_over(first, tmp_path, ports) as reader:
        reader.cookies.set("replica", "one", domain="127.0.0.1")
        assert answering(reader) == one
        first.close()
        for _ in range(3):  # the next readers of the same replica are told so too, and not sent on in silence
            reader.cookies.set("replica", "one", domain="127.0.0.1")
            assert answering(reader) == two
            assert reader.cookies["replica"] == "two"
        with echo(one):
            assert {answering(reader) for _ in range(5)} == {two}


def test_a_replica_is_named_once_and_again_only_when_it_is_another(tmp_path: Path, ports: tuple[int, int]) -> None:
    with echo(ports[1]), ExitStack() as first, nginx_over(first, tmp_path, ports) as reader:
        for cookie, gets in (("two", None), ("three", "replica="), (None, "replica="), ("one", None)):
            reader.cookies = httpx2.Cookies({"replica": cookie} if cookie else {})
            named = reader.get("/").headers.get("Set-Cookie")
            assert (named is not None and named.startswith(gets)) if gets else named is None, cookie
        first.close()
        assert reader.get("/").headers["Set-Cookie"] == "replica=two; Path=/; HttpOnly; SameSite=Lax"


def test_an_address_of_16_kb_comes_through(tmp_path: Path, ports: tuple[int, int]) -> None:
    with ExitStack() as first, nginx_over(first, tmp_path, ports) as reader:
        assert reader.get("/?text=" + "x" * 16_384).status_code == 200


def test_a_replica_learns_which_address_the_reader_has(tmp_path: Path, ports: tuple[int, int]) -> None:
    with ExitStack() as first, nginx_over(first, tmp_path, ports) as reader:
        asked = {"Host": "lens.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
        for headers, wanted in (
            (asked, ("Host: lens.example", "X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2.7, 127.0.0.1")),
            ({}, ("X-Forwarded-Proto: http", "X-Forwarded-For: 127.0.0.1")),
            ({"Connection": "Upgrade", "Upgrade": "websocket"}, ("Connection: upgrade", "Upgrade: websocket")),
        ):
            heard = reader.get("/", headers=headers).text.splitlines()
            assert set(wanted) <= set(heard), headers


@contextmanager
def nginx_over(first: ExitStack, folder: Path, ports: tuple[int, int]) -> Iterator[httpx2.Client]:
    """A reader in front of nginx, with the first replica begun; closing `first` ends it."""
    first.enter_context(echo(ports[0]))
    with nginx(folder, *ports) as url, httpx2.Client(base_url=url) as reader:
        yield reader
