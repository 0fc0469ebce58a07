"""The ASGI application: Streamlit with a warm-up, a readiness route and security headers.

    uvicorn dashboard.server:app

`/readyz` answers 200 once the embedded pair is loaded and 503 before, for load balancers and for scripts that wait.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from dashboard.warm_up import PAINTS, collect_when_quiet, import_all, load_first_pair

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    # Streamlit's front end needs inline styles, blobs and eval-free scripts of its own; nothing may come from outside.
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss:; worker-src 'self' blob:; frame-src 'self' data: blob:; frame-ancestors 'self'",
}
READY = threading.Event()
HEAD_START_S = 2.0  # for a visitor who comes at once: importing torch beside the first paint would slow it down


def warm_up() -> None:
    load_first_pair()
    collect_when_quiet()
    READY.set()


import_all(PAINTS)


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    timer = threading.Timer(HEAD_START_S, warm_up)
    timer.daemon = True
    timer.start()
    yield


async def ready(_: Request) -> PlainTextResponse:
    return PlainTextResponse("ready" if READY.is_set() else "loading", 200 if READY.is_set() else 503)


class SecurityHeaders:
    """Adds `HEADERS` to every HTTP response."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", []), *extra]}
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


app = st.App(
    Path(__file__).with_name("app.py"),
    lifespan=lifespan,
    routes=[Route("/readyz", ready)],
    middleware=[Middleware(SecurityHeaders)],
)
