"""The sections on what to decide by: the speed, if it was measured, and the claims that apply to the pair."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from analysis import results
from analysis.claims.criteria import FAILS, HOLDS, IN_PART, INCONCLUSIVE, PENDING, UNMEASURABLE
from analysis.claims.evidence import Evidence
from analysis.claims.judging import judge
from analysis.claims.statements.table import CLAIMS
from analysis.errors import AnalysisError
from analysis.latency.config import BenchmarkConfig, Machine
from analysis.latency.profile import LatencyProfile
from analysis.latency.summary import profile_summary
from analysis.progress import Progress
from cache import claims as remembered
from cache import latency
from dashboard.charts import latency as charts
from dashboard.claims.controls import HOW_JUDGED
from dashboard.claims.lines import line
from dashboard.claims.sections import HOW_READ
from dashboard.export.claims import claims_table
from dashboard.export.columns import of_rows
from dashboard.export.latency import latency_json
from dashboard.latency.profile import TIMES, rows_of_times, samples_table
from dashboard.latency.wording import HOW_MEASURED, circumstances, conditions
from dashboard.report.finding import Figure, FindingRequest, Section, Table
from dashboard.ui import markup
from dashboard.ui.figures import drawn

NOT_MEASURED = (
    "The speed of this text was not measured: press “Measure this text” on the page Latency, then save the finding "
    "again."
)
SHOWN = ("Claim", "Meaning", "Measured here", "Low", "High", "Unit", "Verdict")  # columns of the report
COUNTED = {HOLDS: "hold", IN_PART: "hold in part", FAILS: "do not hold", INCONCLUSIVE: "are inconclusive"}
LEFT_OUT = (UNMEASURABLE, PENDING)


def speed(request: FindingRequest, progress: Progress) -> Section:
    """How long both models take for this text, as it was measured here, or where it ships with the pair."""
    sides, example = request.question.sides, request.example
    shipped = latency.shipped_profile(sides, example.task, BenchmarkConfig(), example)
    profile = request.profile or shipped
    if profile is None:
        raise AnalysisError(NOT_MEASURED)
    times = of_rows(TIMES, rows_of_times(profile))
    return Section(
        key="speed",
        title="Speed",
        finding=profile_summary(profile),
        body=_measured_where(profile.machine, profile.started),
        figures=(
            Figure(
                "speed",
                "Time of each forward pass",
                drawn(charts.samples, profile),
                Table("speed", samples_table(profile)),
            ),
        ),
        tables=(Table("speed-summary", times, "Time of a forward pass"),),
        reading="One dot per forward pass; farther left is faster. The ring is the median (p50); 9 in 10 are faster "
        "than the diamond (p90). In "
        f"ms, with 95% CI over {profile.rounds:,} rounds. {HOW_MEASURED} Measured with {_lengths(profile)} tokens, "
        f"{conditions(profile.config)}, on {circumstances(profile.machine, profile.started)}.",
        numbers={"measured": latency_json(profile)},
    )


def _measured_where(machine: Machine, started: str) -> str:
    """On which machine, and when: times are of no use without it."""
    day = datetime.fromisoformat(started)
    cores = "1 core" if machine.cores == 1 else f"{machine.cores} cores"
    return markup.element(
        "p", "dl-small", markup.escaped(f"Times measured on {machine.processor}, {cores}, {day.day} {day:%B %Y}.")
    )


def _lengths(profile: LatencyProfile) -> str:
    return " and ".join(dict.fromkeys(f"{count:,}" for count in profile.tokens))


def claims(request: FindingRequest, progress: Progress) -> Section:
    """The claims that could be judged for this pair, each a line that opens."""
    shipped, evidence = _shipped_speed(request), evidence_of(request)
    judged, without_times = (
        tuple(judge(claim, known) for claim in CLAIMS) for known in (evidence, replace(evidence, speed=None))
    )
    apply = tuple(one for one in judged if one.verdict not in LEFT_OUT)
    timed = [one for one in results.claims(judged) if one not in results.claims(without_times)]
    counts = ", ".join(
        f"{count} {words}"
        for verdict, words in COUNTED.items()
        if (count := sum(one.verdict == verdict for one in apply))
    )
    left = len(judged) - len(apply)
    rest = f" {left} more could not be judged for this pair." if left else ""
    return Section(
        key="claims",
        title="Claims",
        finding=f"Of {len(judged)} popular claims about DistilBERT, {len(apply)} could be judged for this pair: "
        f"{counts}.{rest}",
        body=(_measured_where(shipped.machine, shipped.started) if shipped and not request.speed else "")
        + "".join(line(one, request.question.pair.title) for one in apply),
        tables=(Table("claims", claims_table(judged), "All meanings of all claims", SHOWN),),
        reading=f"{HOW_READ} {HOW_JUDGED}",
        numbers={"claims": results.claims(without_times), "measured": timed},
    )


def evidence_of(request: FindingRequest) -> Evidence:
    """What claims about the pair are judged by, with the speed that was measured in the session, or else ships."""
    shipped = _shipped_speed(request)
    speed = request.speed or (shipped.speed if shipped else None)
    return remembered.evidence(request.question.pair, request.example.task, speed)


def _shipped_speed(request: FindingRequest) -> remembered.ShippedSpeed | None:
    return remembered.shipped_speed(request.question.sides, request.example.task)
