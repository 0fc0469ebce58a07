"""What happens to a request before Streamlit sees it, and to an answer before the browser does."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analysis.settings import settings

CLOSED_TO_STRANGERS = ("/_stcore/metrics",)  # Streamlit's own, open to everybody otherwise


def headers() -> dict[str, str]:
    """The headers of every answer."""
    ancestors = " ".join(("'self'", *settings().framed_by))
    return {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        # Streamlit's front end needs inline styles, blobs and eval-free scripts of its own; nothing comes from outside.
        "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        f"connect-src 'self' ws: wss:; worker-src 'self' blob:; frame-src 'self' data: blob:; "
        f"frame-ancestors {ancestors}",
    }


class SecurityHeaders:
    """Adds `headers()` to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.headers = app, headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class BasePath:
    """Serves everything also under a path, for a proxy that does not strip it.

    Streamlit's front end finds its server by the address that it was opened at, so the routes can stay where they are.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.path = app, settings().base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if self.path and path == self.path and scope["type"] == "http":  # what follows is relative to a folder
            query = scope["query_string"].decode("latin-1")
            await RedirectResponse(f"{self.path}/{query and '?'}{query}")(scope, receive, send)
        elif self.path and path.startswith(f"{self.path}/"):
            inner = path.removeprefix(self.path)
            await self.app({**scope, "path": inner, "raw_path": inner.encode()}, receive, send)
        else:
            await self.app(scope, receive, send)


class ClosedToStrangers:
    """Answers 404 where strangers have nothing to look for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.closed = app, CLOSED_TO_STRANGERS if settings().hosted else ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path", "").rstrip("/") in self.closed:
            await PlainTextResponse("Not found", 404)(scope, receive, send)
        else:
            await self.app(scope, receive, send)
