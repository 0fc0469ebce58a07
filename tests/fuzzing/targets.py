"""Everything that reads bytes from outside, a row each."""

from __future__ import annotations

from tests.fuzzing import checkpoints, stored, typed
from tests.fuzzing.fuzzer import Target

TARGETS: dict[str, Target] = checkpoints.TARGETS | typed.TARGETS | stored.TARGETS
