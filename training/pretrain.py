"""The teacher: a published 12-layer BERT, trained on by masked-language modelling."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from transformers import BertForMaskedLM, DistilBertForMaskedLM, PreTrainedModel

from .ahead import Prepare, on_device
from .batches import Batch, Batches
from .loop import Pace, evaluating

if TYPE_CHECKING:
    from peft import PeftModel

MaskedLanguageModel = BertForMaskedLM | DistilBertForMaskedLM

# (share of the budget from which on, sequence length): most tokens are read in sequences that cost least.
LENGTHS = ((0.0, 128), (0.88, 512))
PACE = Pace(peak=5e-4, warm_up=0.04)


def at(table: tuple[tuple[float, int], ...], share: float) -> int:
    """The value of a schedule when this share of the budget is spent."""
    return [value for start, value in table if start <= share][-1]


def use_fastest_attention(model: PreTrainedModel | PeftModel, length: int) -> None:
    """On CPU, up to 256 tokens, plain matrix products train faster than the fused kernel; elsewhere not."""
    on_cpu = next(model.parameters()).device.type == "cpu"
    model.set_attn_implementation("eager" if on_cpu and length <= 256 else "sdpa")


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether the device has instructions for bfloat16: without them, a step took 23 times as long as in float32."""
    return device.type != "cpu" or torch.cpu._is_avx512_bf16_supported()


@contextmanager
def half_precision(device: torch.device) -> Iterator[None]:
    """Matrix products in bfloat16 where the device can, weights and sums in float32."""
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=multiplies_bfloat16(device)):
        yield


def logits_at(model: MaskedLanguageModel, batch: Batch) -> tuple[Tensor, Tensor]:
    """Logits [chosen, piece] at the masked places only, and the last hidden states [sequence, position, feature].

    Serves both architectures: DistilBERT reads no segment ids and names the parts of its head differently.
    """
    if isinstance(model, BertForMaskedLM):
        hidden = model.bert(input_ids=batch.input_ids, token_type_ids=batch.token_type_ids).last_hidden_state
        return model.cls(hidden.flatten(0, 1)[batch.places]), hidden
    hidden = model.distilbert(input_ids=batch.input_ids).last_hidden_state
    chosen = model.activation(model.vocab_transform(hidden.flatten(0, 1)[batch.places]))
    return model.vocab_projector(model.vocab_layer_norm(chosen)), hidden


@torch.no_grad()
def held_out_loss(model: MaskedLanguageModel, batches: list[Batch]) -> dict[str, float]:
    """Mean cross-entropy in nats and top-1 accuracy at the masked places of held-out documents."""
    device = next(model.parameters()).device
    evaluating(model, device)
    loss = right = count = 0.0
    for batch in (each.to(device) for each in batches):
        with half_precision(device):
            logits = logits_at(model, batch)[0].float()
        loss += float(nn.functional.cross_entropy(logits, batch.labels, reduction="sum"))
        right += float((logits.argmax(-1) == batch.labels).sum())
        count += len(batch.labels)
    return {"held_out_loss": round(loss / count, 4), "held_out_top1": round(right / count, 4)}


@dataclass(slots=True)
class PreTraining:
    """The stage of the teacher. `start` is the folder of the masked-language model that it goes on from."""

    start: Path
    batches: Batches
    held_out: list[Batch]
    device: torch.device
    pace: Pace = PACE
    batch: Prepare[int, Batch] = field(init=False)

    def __post_init__(self) -> None:
        self.batch = on_device(self.batches, self.device)

    def build(self) -> BertForMaskedLM:
        """The model of the folder, in float32."""
        return BertForMaskedLM.from_pretrained(self.start, dtype=torch.float32)

    def length(self, share: float) -> int:
        """How long the sequences are."""
        return at(LENGTHS, share)

    def losses(self, model: BertForMaskedLM, step: int, share: float) -> tuple[dict[str, Tensor], int]:
        """The masked-language loss of this step's batch."""
        length = self.length(share)
        use_fastest_attention(model, length)
        batch = self.batch(step, length)
        with half_precision(self.device):
            logits, _ = logits_at(model, batch)
        return {"loss": nn.functional.cross_entropy(logits.float(), batch.labels)}, batch.input_ids.numel()

    def watch(self, model: BertForMaskedLM) -> dict[str, float]:
        """Loss and top-1 accuracy on held-out documents."""
        use_fastest_attention(model, 128)
        return held_out_loss(model, self.held_out)
