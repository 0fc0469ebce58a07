"""Headers, the base path, and what is closed to strangers."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from dashboard.serving.middleware import BasePath, ClosedToStrangers, SecurityHeaders


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.url.path)


async def greet(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(socket.url.path)
    await socket.close()


def client() -> TestClient:
    """A server that says which path it was asked for, with all that the settings ask for in front of it."""
    routes = [WebSocketRoute("/_stcore/stream", greet), Route("/{path:path}", echo)]
    middleware = [Middleware(BasePath), Middleware(ClosedToStrangers), Middleware(SecurityHeaders)]
    return TestClient(Starlette(routes=routes, middleware=middleware), follow_redirects=False)


@pytest.mark.parametrize(
    ("asked", "served"),
    [("/lens/attention", "/attention"), ("/lens/", "/"), ("/attention", "/attention"), ("/lensless", "/lensless")],
)
def test_a_base_path_is_served_whether_the_proxy_strips_it_or_not(
    monkeypatch: pytest.MonkeyPatch, asked: str, served: str
) -> None:
    monkeypatch.setenv("DISTILLENS_BASE_PATH", "lens")
    assert client().get(asked).text == served


def test_the_websocket_is_found_under_the_base_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTILLENS_BASE_PATH", "/tools/lens")
    with client().websocket_connect("/tools/lens/_stcore/stream") as socket:
        assert socket.receive_text() == "/_stcore/stream"


def test_the_base_path_alone_is_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTILLENS_BASE_PATH", "lens")
    response = client().get("/lens?task=entities&text=a%20b")
    assert response.status_code in (307, 308)
    assert response.headers["location"] == "/lens/?task=entities&text=a%20b"


def test_its_own_pages_alone_may_frame_it_unless_others_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert client().get("/").headers["content-security-policy"].endswith("frame-ancestors 'self'")
    monkeypatch.setenv("DISTILLENS_FRAMED_BY", "https://huggingface.co https://*.hf.space")
    policy = client().get("/").headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'self' https://huggingface.co https://*.hf.space")


def test_streamlits_metrics_are_closed_to_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert client().get("/_stcore/metrics").status_code == 200
    monkeypatch.setenv("DISTILLENS_HOSTED", "1")
    monkeypatch.setenv("DISTILLENS_BASE_PATH", "lens")
    for path in ("/_stcore/metrics", "/_stcore/metrics/", "/lens/_stcore/metrics"):
        assert client().get(path).status_code == 404
    assert client().get("/_stcore/health").status_code == 200
