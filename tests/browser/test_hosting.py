"""Hosted: under a path that the proxy keeps, and inside of another origin’s frame, whose address bar follows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser, expect

from tests.browser.browsing import visit, wait
from tests.support.servers import dashboard_server, free_port

FRAMING = """<!doctype html><title>A Space</title><link rel="icon" href="data:,">
<script>addEventListener("message", ({{ data, origin }}) => {{
  if (data.queryString !== undefined) document.title = `${{origin}} ${{data.queryString}}`;
}})</script><iframe src="{inside}" width="1200" height="800"></iframe>"""


@contextmanager
def space(port: int, inside: str) -> Iterator[str]:
    """A page of another origin that shows the address in a frame, and writes what it is told into its title."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(FRAMING.format(inside=inside).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.shutdown()


def test_a_frame_of_another_origin_shows_it_and_follows_its_address(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    settings = {"DISTILLENS_HOSTED": "1", "DISTILLENS_BASE_PATH": "lens"}
    with (
        dashboard_server(tmp_path, **settings, DISTILLENS_FRAMED_BY=f"http://127.0.0.1:{port}") as server,
        space(port, f"{server.url}/lens?task=sentiment") as outside,
    ):
        page = browser.new_page()
        page.goto(outside)
        frame = page.frame_locator("iframe")
        expect(frame.get_by_text("Jensen–Shannon").first).to_be_visible(timeout=120_000)
        visit(frame, "Attention")
        expect(frame.get_by_role("tab", name="All heads")).to_be_visible(timeout=120_000)
        frame.locator(".st-key-attention_view button").first.click()
        frame.get_by_text("Tokens", exact=True).click()
        wait(page, lambda: page.title().endswith("=tokens"), "The address is not followed.")
        inside, query = page.frames[1].url.split("?")
        assert inside == f"{server.url}/lens/attention"
        assert page.title() == f"{server.url} {query}"
        expect(frame.get_by_text("Your own")).to_have_count(0)
