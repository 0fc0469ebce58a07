"""Batches that a thread prepares one step ahead are those that are asked for."""

from __future__ import annotations

import threading

import torch

from training.ahead import on_device, one_ahead


def test_every_batch_is_that_of_its_step_and_setting_whatever_was_guessed() -> None:
    ready = one_ahead(lambda step, length: (step, length))
    asked = [(0, 32), (1, 32), (2, 64), (3, 64), (9, 64), (9, 64), (0, 32)]
    assert [ready(*each) for each in asked] == asked


def test_the_next_batch_is_prepared_while_the_step_runs_by_one_thread_and_once() -> None:
    prepared: list[tuple[int, str]] = []
    three_are_ready = threading.Event()

    def prepare(step: int, length: int) -> int:
        prepared.append((step, threading.current_thread().name))
        if step == 2:
            three_are_ready.set()
        return step

    ready = one_ahead(prepare)
    assert [ready(step, 32) for step in (0, 1)] == [0, 1]
    assert three_are_ready.wait(timeout=60)
    assert [step for step, _ in prepared] == [0, 1, 2]
    (name,) = {name for _, name in prepared}
    assert name != threading.current_thread().name


def test_on_a_cpu_nothing_is_prepared_ahead() -> None:
    asked: list[int] = []

    def prepare(step: int, length: int) -> torch.Tensor:
        asked.append(step)
        return torch.tensor([step, length])

    assert on_device(prepare, torch.device("cpu"))(3, 32).tolist() == [3, 32]
    assert asked == [3]
