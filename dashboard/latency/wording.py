"""How the page writes configurations, machines and estimates."""

from __future__ import annotations

from datetime import datetime

from analysis.latency.config import BenchmarkConfig, Machine
from analysis.latency.profile import LatencyProfile, StageProfile
from analysis.latency.summary import place
from analysis.statistics import Estimate
from analysis.wording import interval

HOW_MEASURED = (
    "Each round measures both models, and the teacher a second time, in an order that changes from round to round. "
    "Comparing the teacher with itself (A/A run) shows how noisy the machine was meanwhile."
)


def in_ms(estimate: Estimate) -> str:
    """ "12.31 [12.20, 12.44]"."""
    return interval(estimate, 2 if estimate.value < 100 else 1)


def config_labels(config: BenchmarkConfig) -> dict[str, str]:
    """Each field of a configuration as text."""
    return {
        "tokens": place("tokens", config.tokens or 0),
        "batch": place("batch", config.batch),
        "threads": place("threads", config.threads),
        "attention": f"{config.attention} attention",
        "precision": config.precision,
        "device": config.device,
    }


def but_for(axis: str, config: BenchmarkConfig) -> str:
    """A configuration in one line, without the field that the axis varies."""
    return ", ".join(label for field, label in config_labels(config).items() if field != axis)


def conditions(config: BenchmarkConfig) -> str:
    """A configuration in one line, without the length: a text has its own."""
    return but_for("tokens", config)


def amount(profile: LatencyProfile | StageProfile) -> str:
    """How many rounds were measured, if not all of them."""
    if profile.rounds < profile.rounds_requested:
        return f"Stopped after {profile.rounds:,} of {profile.rounds_requested:,} rounds. "
    return ""


def elsewhere(machine: Machine, started: str, label: str) -> str:
    """On which machine and day a shipped measurement was made, and the button that measures on this one."""
    day = datetime.fromisoformat(started)
    cores = f"{machine.cores} core{'s' * (machine.cores > 1)}"
    return (
        f"Shipped with the pair: measured on {machine.processor} ({cores}), on {day.day} {day:%B %Y}. "
        f"To measure here, press “{label}”."
    )


def circumstances(machine: Machine, started: str) -> str:
    """The machine, the versions and the time of a measurement."""
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions)
    parts = (
        f"{machine.processor}, {machine.cores} cores, {machine.instructions}",
        f"{machine.memory_bytes / 1e9:.0f} GB",
        machine.system,
        *((machine.accelerator,) if machine.accelerator else ()),
        versions,
        f"begun {started.replace('T', ' ').removesuffix('+00:00')} UTC",
    )
    return " · ".join(parts)
