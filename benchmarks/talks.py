"""Seconds from the key to the drawn step, for every step of our walkthroughs.

    python -m benchmarks.talks
    python -m benchmarks.talks --talk is-it-really-60-faster --jump

A server starts with an empty store and is ready before the first step; the browser has its scripts. A step is walked to
once the one before it is drawn and the next was computed ahead; with `--jump` each step is opened by its address in a
session of its own, with nothing computed ahead by that.
"""

from __future__ import annotations

import argparse
import statistics
import time

from playwright.sync_api import BrowserContext, Page

from benchmarks.looking import looking
from benchmarks.running import options_of
from dashboard.present.library import OURS, our_walkthrough
from dashboard.present.points import POINTS
from dashboard.present.walkthrough import Step
from tests.browser.browsing import open_page, wait_until_idle

AIM_S = 1.0
# What listens to the keys, the step's own title, its finding where it has one, and what it points at, with its figures.
DRAWN = """([title, finding, selector]) => {
  const point = document.querySelector(selector), figures = [...(point?.querySelectorAll(".stPlotlyChart") ?? [])];
  return document.documentElement.dataset.dlStage && point?.checkVisibility()
    && document.querySelector(".dl-stage-title")?.textContent === title
    && !point.closest('[data-stale="true"]') && figures.every((figure) => figure.querySelector(".main-svg"))
    && (!finding || document.querySelector(".dl-stage-finding"));
}"""


def main() -> None:
    options = arguments()
    with looking() as context:
        first = context.new_page()
        open_page(first, "")
        first.close()
        print("| walkthrough | step | seconds |\n| --- | --- | ---: |")
        times = []
        for name in options.talk or OURS:
            for step, seconds in (jumped if options.jump else walked)(context, name):
                print(f"| {name} | {step.title} | {seconds:.2f} |", flush=True)
                times.append(seconds)
        slow = sum(seconds > AIM_S for seconds in times)
        print(f"\nMedian {statistics.median(times):.2f} s, at most {max(times):.2f} s;", end=" ")
        print(f"{slow} of {len(times)} over {AIM_S:g} s.")


def arguments() -> argparse.Namespace:
    parser = options_of(__doc__)
    parser.add_argument("--talk", nargs="+", choices=OURS)
    parser.add_argument("--jump", action="store_true", help="open each step by its address")
    return parser.parse_args()


def walked(context: BrowserContext, name: str) -> list[tuple[Step, float]]:
    """Every step but the first, which is opened by its address."""
    first, *others = our_walkthrough(name).steps
    page, times = context.new_page(), []
    page.goto(f"/?present={name}&step=1")
    until_drawn(page, first)
    for step in others:
        wait_until_idle(page)  # what the next step takes is computed then
        began = time.monotonic()
        page.keyboard.press("PageDown")
        until_drawn(page, step)
        times.append((step, time.monotonic() - began))
    page.close()
    return times


def jumped(context: BrowserContext, name: str) -> list[tuple[Step, float]]:
    """Every step, from its address."""
    times = []
    for number, step in enumerate(our_walkthrough(name).steps, 1):
        page, began = context.new_page(), time.monotonic()
        page.goto(f"/?present={name}&step={number}")
        until_drawn(page, step)
        times.append((step, time.monotonic() - began))
        page.close()
    return times


def until_drawn(page: Page, step: Step) -> None:
    page.wait_for_function(DRAWN, arg=[step.title, bool(step.finding), POINTS[step.point].selector], timeout=120_000)


if __name__ == "__main__":
    main()
