"""Turns are paid by the session, counted by kind and outcome, and refused in one sentence."""

from __future__ import annotations

import threading
import time

import pytest
from prometheus_client import REGISTRY

from analysis.errors import AnalysisError
from cache import turns
from cache.turns import SECONDS_FOR_ONE, Budget, Spent, check_turn, compute_queue, turn, waiting_announced
from dashboard.ui.progress import progress_bar

pytestmark = pytest.mark.usefixtures("nothing_remembered")


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_budget_is_used_up_and_comes_back() -> None:
    now = 0.0
    budget = Budget(10, clock=lambda: now)
    budget.check()
    budget.spend(12)  # what it takes is known only at its end
    with pytest.raises(Spent, match=r"the 10 s of computing .* ask again in 12 s"):
        budget.check()
    now = 2 * SECONDS_FOR_ONE  # what was taken too much is back, and nothing more
    with pytest.raises(Spent, match="ask again in 4 s"):
        budget.check()
    now += SECONDS_FOR_ONE
    budget.check()
    now += 1_000 * SECONDS_FOR_ONE  # never more than at first
    budget.check()
    budget.spend(10)
    with pytest.raises(Spent):
        budget.check()


def test_a_turn_is_paid_for_by_the_session_that_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    budget = Budget(1, clock=lambda: now)
    monkeypatch.setattr(turns, "_budget", lambda: budget)
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with turn("test"), turn("within"):  # within a turn there is no other: it is paid once
        now = 2.0
    refused = counted("distillens_refused_total", reason="Spent")
    with pytest.raises(Spent), turn("test"):
        pytest.fail("It may not compute.")
    assert counted("distillens_refused_total", reason="Spent") == refused + 1


@pytest.mark.parametrize(
    ("raised", "outcome"),
    [
        (None, "done"),
        (AnalysisError("Too long."), "refused"),
        (ZeroDivisionError(), "failed"),
        (KeyboardInterrupt(), "called off"),
    ],
)
def test_a_turn_is_counted_by_its_outcome(raised: BaseException | None, outcome: str) -> None:
    before = counted("distillens_computations_total", kind="test", outcome=outcome)
    seconds = counted("distillens_computation_seconds_count", kind="test")
    try:
        with turn("test"):
            if raised:
                raise raised
    except BaseException as error:
        assert error is raised
    assert counted("distillens_computations_total", kind="test", outcome=outcome) == before + 1
    assert counted("distillens_computation_seconds_count", kind="test") == seconds + 1
    assert not compute_queue().is_busy


def test_the_length_of_the_queue_is_counted_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTILLENS_PATIENCE_S", "0.000001")
    with turn("test"):
        assert counted("distillens_queue_stuck") == 1
        with pytest.raises(AnalysisError, match="given up"):
            check_turn()
    assert (counted("distillens_queue_stuck"), counted("distillens_queue_waiting")) == (0, 0)


def test_waiting_in_vain_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where another thread computes the same, and holds the turn for good."""
    monkeypatch.setenv("DISTILLENS_PATIENCE_S", "0.000001")
    raised: list[BaseException] = []

    def wait() -> None:
        try:
            with waiting_announced(lambda place: None), turn("test"):
                pass
        except AnalysisError as error:
            raised.append(error)

    with turn("test"):
        waiting = threading.Thread(target=wait)
        waiting.start()
        waiting.join(20)
    assert "has to be started again" in str(raised[0])


def test_a_bar_that_moves_is_a_step_at_which_a_computation_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTILLENS_PATIENCE_S", "0.000001")
    with progress_bar("Reading …") as progress:
        progress(0.5)  # no turn, no end
        with turn("test"), pytest.raises(AnalysisError, match="given up"):
            progress(0.5)
