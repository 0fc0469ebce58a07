"""Seconds until each page's default views are drawn: of the shipped example, and of a text that nobody has asked.

    python -m benchmarks.default_views
    python -m benchmarks.default_views --task entities --page attention similarity

A server starts with an empty store and is ready before the first look. Then Chromium opens every tab by its address, in
a window and a session of its own: first what a newcomer sees, which shipped results answer, then the same tab of a new
text. Measured is the time from the address to the last figure, and, where another tab of the page is open, from the
click on this one. A first visit, not printed, loads the scripts that the browser then has in its cache.
"""

from __future__ import annotations

import argparse
import statistics
import time

from playwright.sync_api import BrowserContext

from benchmarks.looking import looking
from benchmarks.running import options_of
from dashboard.address_keys import slug
from dashboard.page_list import PAGES, PageEntry
from tests.browser.browsing import Record, open_page, rerun

NEW = {
    "sentiment": {"text": "Nobody in the third row stayed awake, and I envied them."},
    "entities": {"text": "In May, Ruth Baker of Toronto sold her bakery to Nestlé."},
    "fill-mask": {"text": "She put the [MASK] back into the drawer."},
    "sentence-pair": {"text": "The bridge was closed at noon.", "text_pair": "Nobody could cross at one."},
    "question-answering": {"text": "Who closed the bridge?", "text_pair": "At noon the mayor closed the old bridge."},
}
AIM_S = 2.0


def main() -> None:
    options = arguments()
    with looking() as context:
        look(context, "predictions", {})
        print("| page | tab | by a click, s | by its address, s | a new text, s |\n| --- | --- | ---: | ---: | ---: |")
        by_click, by_address = [], []
        for entry in PAGES:
            if options.page and entry.path not in options.page:
                continue
            labels = tabs(context, entry)
            for tab in labels:
                chosen = {"task": options.task} | ({"tab": slug(tab)} if tab else {})
                by_address.append(look(context, entry.path, chosen if entry.bench else {}))
                line = f" {by_address[-1]:.2f} |"
                if other := next((label for label in labels if label != tab), None):
                    by_click.append(click(context, entry.path, chosen | {"tab": slug(other)}, tab))
                    line = f" {by_click[-1]:.2f} |{line}"
                else:
                    line = f" |{line}"
                if entry.bench:
                    line += f" {look(context, entry.path, chosen | NEW[options.task]):.2f} |"
                print(f"| {entry.title} | {tab} |{line}", flush=True)
        for how, times in (("By a click", by_click), ("By its address", by_address)):
            if times:
                print(f"\n{how}: {summary(times)}")


def arguments() -> argparse.Namespace:
    parser = options_of(__doc__)
    parser.add_argument("--task", choices=NEW, default="sentiment")
    parser.add_argument("--page", nargs="+", help="paths of pages; all unless told otherwise")
    return parser.parse_args()


def tabs(context: BrowserContext, entry: PageEntry) -> list[str]:
    """The labels of a page's tabs; one empty label where it has none."""
    page = context.new_page()
    open_page(page, entry.path)
    labels = page.get_by_role("tab").all_inner_texts()
    page.close()
    return labels or [""]


def summary(times: list[float]) -> str:
    slow = sum(seconds > AIM_S for seconds in times)
    return (
        f"median {statistics.median(times):.2f} s, at most {max(times):.2f} s; {slow} of {len(times)} over {AIM_S:g} s."
    )


def click(context: BrowserContext, path: str, query: dict[str, str], tab: str) -> float:
    """Seconds from a click on a tab of a page, which has another one open, until the tab is drawn."""
    page, record = context.new_page(), Record()
    record.follow(page)
    open_page(page, path, **query)
    began = time.monotonic()
    rerun(page, record, lambda: page.get_by_role("tab", name=tab, exact=True).click())
    seconds = time.monotonic() - began
    page.close()
    return seconds


def look(context: BrowserContext, path: str, query: dict[str, str]) -> float:
    """Seconds until a page is drawn."""
    page = context.new_page()
    began = time.monotonic()
    open_page(page, path, **query)
    seconds = time.monotonic() - began
    page.close()
    return seconds


if __name__ == "__main__":
    main()
