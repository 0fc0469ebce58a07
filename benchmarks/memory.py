"""What the embedded pair takes in memory: all five tasks of both sides, shared and each for itself.

    python -m benchmarks.memory

Each way runs in a process of its own that has imported torch, transformers and peft before it is first measured. Beside
the resident memory stand the bytes of the weights, each storage counted once: no way of loading takes less.
"""

from __future__ import annotations

import subprocess
import sys

import psutil

AIM_MB = 800


def resident_mb() -> float:
    return float(psutil.Process().memory_info().rss / 1e6)


def measured(shared: bool) -> None:
    """Prints MB above the imports, and MB of weights."""
    import peft
    import torch
    import transformers

    for name in ("BertForMaskedLM", "DistilBertForMaskedLM"):
        getattr(transformers, name)
    assert peft and torch
    from analysis.models.model import load
    from analysis.models.pairs import PAIRS
    from cache.loaded_models import model

    before = resident_mb()
    read = model if shared else load
    models = [read(each, task) for task, sides in PAIRS["embedded"].checkpoints.items() for each in sides]
    storages = {
        weights.untyped_storage().data_ptr(): weights.untyped_storage().nbytes()
        for each in models
        for weights in (*each.network.parameters(), *(each.weights or {}).values())
    }
    print(resident_mb() - before, sum(storages.values()) / 1e6)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measured(sys.argv[1] == "shared")
    else:
        for way in ("shared", "apart"):
            command = [sys.executable, "-m", "benchmarks.memory", way]
            output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            total, weights = map(float, output.stdout.split())
            target = f" (aim: at most {AIM_MB})" if way == "shared" else ""
            print(f"{way:>6}: {total:5.0f} MB above the imports{target}, of them weights {weights:4.0f} MB")
