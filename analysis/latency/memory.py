"""The peak memory of a forward pass in addition to the weights.

This counts the bytes of all tensors that are alive after any of torch's operations, each block of memory once however
many tensors share it, without weights and inputs. It is what the pass needs, not what the process takes from the
system: workspace inside an operation is not seen, nor memory that the allocator holds in reserve.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from analysis.latency.config import BenchmarkConfig
from analysis.latency.model_variants import variant
from analysis.models.model import Model

if TYPE_CHECKING:
    from torch import Tensor


def peak_bytes(model: Model, config: BenchmarkConfig) -> int:
    """The peak of one forward pass over `config.tokens` tokens, under that configuration, on the CPU."""
    import torch

    own = variant(model, config)
    ids = torch.zeros((config.batch, config.tokens or 0), dtype=torch.int64)
    known = [*own.network.parameters(), *own.network.buffers(), ids]
    with torch.no_grad():  # in inference mode some operations would run as a whole, and their tensors go unseen
        return most_alive(lambda: own.network(input_ids=ids), known)


def most_alive(work: Callable[[], object], known: Iterable[Tensor]) -> int:
    """The most bytes of tensors alive at any time while `work` runs, without those of the `known` tensors."""
    import torch
    from torch.multiprocessing.reductions import StorageWeakRef
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    def block_of(tensor: Tensor) -> Any:
        return StorageWeakRef(tensor.untyped_storage())  # type: ignore[no-untyped-call]

    class Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self.known = {block_of(tensor).cdata for tensor in known}
            self.alive: dict[int, tuple[Any, int]] = {}  # address of a block -> weak reference to it, its bytes
            self.most = 0

        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            outputs = function(*args, **(kwargs or {}))
            for tensor in (leaf for leaf in tree_leaves(outputs) if isinstance(leaf, torch.Tensor)):
                block = block_of(tensor)
                if block.cdata not in self.known:
                    self.alive[block.cdata] = block, tensor.untyped_storage().nbytes()
            self.alive = {place: (block, size) for place, (block, size) in self.alive.items() if not block.expired()}
            self.most = max(self.most, sum(size for _, size in self.alive.values()))
            return outputs

    watch = Watch()
    with watch:
        work()
    return watch.most
