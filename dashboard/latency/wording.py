"""Settings, machines and estimates in the words of the page."""

from __future__ import annotations

from analysis.latency.config import Machine, Setting
from analysis.latency.profile import LatencyProfile, StageProfile
from analysis.latency.summary import place
from analysis.statistics import Estimate
from analysis.wording import interval

HOW_MEASURED = (
    "Each round measures both models, and the teacher a second time, in an order that changes from round to round. The "
    "teacher against itself is the null: what a difference that is none comes out as on this machine now."
)


def in_ms(estimate: Estimate) -> str:
    """ "12.31 [12.20, 12.44]"."""
    return interval(estimate, 2 if estimate.value < 100 else 1)


def setting_words(setting: Setting) -> dict[str, str]:
    """Each field of a setting in words."""
    return {
        "tokens": place("tokens", setting.tokens or 0),
        "batch": place("batch", setting.batch),
        "threads": place("threads", setting.threads),
        "attention": f"{setting.attention} attention",
        "precision": setting.precision,
        "device": setting.device,
    }


def but_for(axis: str, setting: Setting) -> str:
    """A setting in a line, without what an axis changes."""
    return ", ".join(words for field, words in setting_words(setting).items() if field != axis)


def conditions(setting: Setting) -> str:
    """A setting in a line, without the length: a text has its own."""
    return but_for("tokens", setting)


def amount(profile: LatencyProfile | StageProfile) -> str:
    """How much was measured, and whether it was all."""
    if profile.rounds < profile.asked:
        return f"Stopped after {profile.rounds:,} of {profile.asked:,} rounds. "
    return ""


def circumstances(machine: Machine, started: str) -> str:
    """Where and when it was measured, with the versions: what a reader needs to compare."""
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
