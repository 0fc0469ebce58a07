"""Loss curves as SVG, drawn without a plotting library so that training needs none."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 34, 40
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")  # Okabe & Ito: told apart without colour vision too

Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Axes:
    """Maps data to pixels of a panel whose top edge is at `top`."""

    largest_x: float
    low: float
    high: float
    top: float

    def x(self, value: float) -> float:
        """Pixels from the left edge."""
        return LEFT + value / self.largest_x * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """Pixels from the top edge of the picture."""
        share = (value - self.low) / (self.high - self.low)
        return self.top + TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)


def lines_of(points: list[dict[str, Any]]) -> dict[str, Points]:
    """Each loss of a stage as (million tokens, value)."""
    names = ("loss", "soft", "mlm", "cosine", "held_out_loss")
    lines = {name: [(p["tokens"] / 1e6, p[name]) for p in points if name in p] for name in names}
    if lines["mlm"]:
        del lines["loss"]  # the weighted sum of those that are drawn
    return {name.replace("_", "-"): line for name, line in lines.items() if line}


def panel(title: str, lines: dict[str, Points], top: float) -> list[str]:
    """One stage's curves with axes, ticks and a legend."""
    values = [value for line in lines.values() for _, value in line]
    largest = max(x for line in lines.values() for x, _ in line) or 1.0
    low = 0.0 if min(values) < 2 else min(values) * 0.95
    axes = Axes(largest, low, max(values) * 1.02, top)
    parts = [f'<text x="{LEFT}" y="{top + 16}" font-weight="bold">{escape(title)}</text>']
    for tick in range(5):
        value = axes.low + (axes.high - axes.low) * tick / 4
        y = axes.y(value)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.2f}</text>')
        x = largest * tick / 4
        parts.append(f'<text x="{axes.x(x):.1f}" y="{top + HEIGHT - BOTTOM + 16}" text-anchor="middle">{x:.2f}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{top + HEIGHT - 8}" text-anchor="middle">million tokens read</text>')
    for number, (name, line) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{axes.x(x):.1f},{axes.y(value):.1f}" for x, value in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        x = WIDTH - RIGHT - 110 * (len(lines) - number)
        parts.append(f'<text x="{x}" y="{top + 16}" fill="{colour}">{escape(name)}</text>')
    return parts


def svg(stages: dict[str, list[dict[str, Any]]]) -> str:
    """All stages' curves, one panel above the other, on a ground of their own."""
    height = HEIGHT * len(stages)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="sans-serif" font-size="11" fill="#222">'
    )
    parts = [head, f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>']
    for number, (stage, points) in enumerate(stages.items()):
        parts += panel(stage, lines_of(points), number * HEIGHT)
    return "\n".join([*parts, "</svg>"]) + "\n"
