"""Claims about size, speed and memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.claims.criteria import (
    FAILS,
    HOLDS,
    IN_PART,
    PENDING,
    UNMEASURABLE,
)
from analysis.claims.evidence import Speed
from analysis.claims.evidence_from import speed
from analysis.claims.evidence_from.speed import NOT_YET
from analysis.claims.judging import judge
from analysis.models.pairs import Sides
from tests.support.judged import (
    CLAIM,
    PUBLISHED_PAIR,
    results,
    verdict,
    with_student,
    with_times,
)
from tests.support.made_up_profiles import profile


def test_the_published_pair_is_smaller_but_its_layers_alone_are_half() -> None:
    found = results("40% smaller", PUBLISHED_PAIR)
    shares = {name: round(result.measured.estimate.value, 1) for name, result in found.items() if result.measured}
    assert shares == {
        "all parameters": 39.4,
        "parameters without the task head": 39.1,
        "encoder alone": 50.0,
        "bytes on disk": 39.8,
    }
    assert verdict("40% smaller", PUBLISHED_PAIR) == HOLDS


@pytest.mark.parametrize(
    ("encoder", "disk", "expected"),
    [
        (42_527_232, 265_000_000, HOLDS),
        (42_527_232, 300_000_000, IN_PART),
        (80_000_000, 430_000_000, FAILS),
    ],
)
def test_smaller_is_judged_by_parameters_and_bytes(encoder: int, disk: int, expected: str) -> None:
    assert verdict("40% smaller", with_student(encoder_parameters=encoder, disk_bytes=disk)) == expected


def test_random_weights_have_no_bytes_on_disk() -> None:
    sizes = PUBLISHED_PAIR.sizes.map(lambda size: replace(size, disk_bytes=0))
    result = results("40% smaller", replace(PUBLISHED_PAIR, sizes=sizes))["bytes on disk"]
    assert (result.verdict, result.measured) == (UNMEASURABLE, None)
    assert "not stored on disk" in result.reason


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1.6, 1.7, IN_PART),  # the paper's: by one meaning, not by the other
        (2.6, 2.8, HOLDS),
        (1.2, 1.3, FAILS),
        (1.5, 1.6, FAILS),  # over the threshold of the first, below that of the second
    ],
)
def test_faster_depends_on_what_it_means(low: float, high: float, expected: str) -> None:
    assert verdict("60% faster", with_times(low, high)) == expected


def test_the_two_meanings_of_faster_are_of_one_measurement() -> None:
    more, less, _ = (result.measured for result in results("60% faster", with_times(1.58, 1.62)).values())
    assert more.estimate.value == pytest.approx(60, abs=2)
    assert less.estimate.value == pytest.approx(100 * (1 - 1 / (1 + more.estimate.value / 100)))
    assert (less.estimate.low, less.estimate.high) == pytest.approx(
        [100 * (1 - 1 / (1 + end / 100)) for end in (more.estimate.low, more.estimate.high)]
    )


def test_a_noisy_profile_decides_nothing_and_says_so() -> None:
    found = judge(CLAIM["60% faster"], with_times(0.8, 4.0))
    assert found.verdict == UNMEASURABLE
    assert "spread is too large" in found.why
    noisy = Speed("The spread is too large to conclude.", "-", Sides(2, 1), Sides(2, 1))
    operations = results("60% faster", replace(PUBLISHED_PAIR, speed=noisy))["operations"]
    assert operations.measured.estimate.value == 50  # which are counted, not timed
    unmeasured = judge(CLAIM["60% faster"], PUBLISHED_PAIR)
    assert (unmeasured.verdict, unmeasured.why) == (PENDING, NOT_YET)


def test_operations_and_memory_stand_beside() -> None:
    known = replace(PUBLISHED_PAIR, speed=Speed("-", "-", Sides(2_000, 1_500), Sides(3_000_000, 1_000_000)))
    fewer, beside = (
        results(title, known)[name].measured
        for title, name in (
            ("60% faster", "operations"),
            ("Suited to on-device use", "memory in addition to the weights"),
        )
    )
    assert (fewer.estimate.value, beside.estimate.value) == (25, 1)


def test_on_a_device_weight_and_speed_count_in_both_precisions() -> None:
    title = "Suited to on-device use"
    fast, slow = (speed.timing(profile(*ends)) for ends in ((1.9, 2.0), (1.2, 1.25)))
    assert verdict(title, replace(PUBLISHED_PAIR, speed=Speed(fast, fast))) == IN_PART  # 265 MB of floats
    small = with_student(memory_bytes=207_400_000)
    assert verdict(title, replace(small, speed=Speed(fast, fast))) == HOLDS
    assert verdict(title, replace(small, speed=Speed(fast, slow))) == IN_PART
    heavy = with_student(integer_bytes=300_000_000)
    assert verdict(title, replace(heavy, speed=Speed(slow, slow))) == FAILS
    unable = replace(small, speed=Speed(fast, "8-bit integers do not run here."))
    assert results(title, unable)["speed with 8-bit integers"].reason == "8-bit integers do not run here."
