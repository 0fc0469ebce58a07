"""The teacher: a 12-layer BERT, pre-trained by masked-language modelling and grown from 3 layers on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertForMaskedLM

from .batches import CHOSEN_SHARE, Batch, Batches
from .loop import Pace
from .start import extend_positions, new_teacher

# (share of the budget from which on, layers): progressive stacking, Gong et al. 2019. A shallow model learns word
# frequencies and neighbours several times faster a token, and its copies are a good start for the deeper one.
GROWTH = ((0.0, 3), (0.42, 6), (0.66, 12))
# Share of the positions masked while the model grows: more to learn from a token (Wettig et al. 2023). Once it has its
# full depth, BERT's own share is masked.
SHALLOW_MASKED = 0.3
# (share of the budget from which on, sequence length): the last part trains the positions beyond 128.
LENGTHS = ((0.0, 128), (0.95, 512))
PACE = Pace(peak=1.5e-3, warm_up=0.02)
# A grown teacher goes on from published weights at a lower peak, reached soon: its optimiser's moments are new.
CONTINUED = Pace(peak=1e-3, warm_up=0.01)


def teacher_config(vocabulary: int, layers: int = 12) -> BertConfig:
    """The shape of the teacher; without dropout, which little text read less than once or twice does not need."""
    return BertConfig(
        vocab_size=vocabulary,
        hidden_size=192,
        num_hidden_layers=layers,
        num_attention_heads=12,
        intermediate_size=768,
        max_position_embeddings=512,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.04,  # BERT's 0.02 at width 768, as loud at width 192
    )


def at(table: tuple[tuple[float, int], ...], share: float) -> int:
    """The value of a schedule when this share of the budget is spent."""
    return [value for start, value in table if start <= share][-1]


def use_fastest_attention(model: nn.Module, length: int) -> None:
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


def logits_at(model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
    """Logits [chosen, piece] at the masked places only, and the last hidden states [sequence, position, feature].

    Serves both architectures: DistilBERT reads no segment ids and names the parts of its head differently.
    """
    if model.config.model_type == "bert":
        hidden = model.bert(input_ids=batch.input_ids, token_type_ids=batch.token_type_ids).last_hidden_state
        return model.cls(hidden.flatten(0, 1)[batch.places]), hidden
    hidden = model.distilbert(input_ids=batch.input_ids).last_hidden_state
    chosen = model.activation(model.vocab_transform(hidden.flatten(0, 1)[batch.places]))
    return model.vocab_projector(model.vocab_layer_norm(chosen)), hidden


def stacked(model: BertForMaskedLM, layers: int) -> tuple[BertForMaskedLM, dict[str, str]]:
    """The model with `layers` layers, layer i a copy of layer i modulo the old depth, and where each weight is from."""
    old = model.config.num_hidden_layers
    config = BertConfig.from_dict(model.config.to_dict())
    config.num_hidden_layers = layers
    deeper = BertForMaskedLM(config)
    sources = {}
    weights = dict(model.named_parameters())
    with torch.no_grad():
        for name, parameter in deeper.named_parameters():
            sources[name] = source_of(name, old)
            parameter.copy_(weights[sources[name]])
    return deeper, sources


def source_of(name: str, old: int) -> str:
    """The parameter that the one of this name copies when a model of `old` layers is stacked."""
    parts = name.split(".")
    if "layer" in parts:
        place = parts.index("layer") + 1
        parts[place] = str(int(parts[place]) % old)
    return ".".join(parts)


@torch.no_grad()
def held_out_loss(model: nn.Module, batches: list[Batch]) -> dict[str, float]:
    """Mean cross-entropy in nats and top-1 accuracy at the masked places of held-out documents."""
    model.eval()
    device = next(model.parameters()).device
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
    """The stage of the teacher. `start` is a published folder to go on from, with a fresh optimiser."""

    batches: Batches
    held_out: list[Batch]
    device: torch.device
    start: Path | None = None
    seed: int = 0
    pace: Pace = PACE

    def layers(self, share: float) -> int:
        """The depth of the growing teacher; a teacher that goes on from a folder is grown already."""
        return GROWTH[-1][1] if self.start else at(GROWTH, share)

    def build(self, layers: int, fresh: bool) -> nn.Module:
        """A BERT of this depth that starts as `start.py` says, or the one of the folder to go on from."""
        torch.manual_seed(self.seed)
        if self.start:
            return BertForMaskedLM.from_pretrained(self.start, dtype=torch.float32)
        config = teacher_config(self.batches.vocabulary, layers)
        if not fresh:
            return BertForMaskedLM(config)
        return new_teacher(config, self.batches.corpus.training_tokens(), self.batches.mask_id + 1)

    def grow(self, model: nn.Module, layers: int) -> tuple[nn.Module, dict[str, str]]:
        """The model stacked to twice its depth."""
        return stacked(model, layers)

    def length(self, share: float) -> int:
        """How long the sequences are."""
        return at(LENGTHS, share)

    def lengthen(self, model: nn.Module, trained: int) -> None:
        """Give the positions that begin to be read what the first ones have learned."""
        extend_positions(model.bert.embeddings.position_embeddings.weight, trained)

    def losses(self, model: nn.Module, step: int, share: float) -> tuple[dict[str, Tensor], int]:
        """The masked-language loss of this step's batch."""
        length = self.length(share)
        use_fastest_attention(model, length)
        grown = model.config.num_hidden_layers == GROWTH[-1][1]
        batch = self.batches(step, length, CHOSEN_SHARE if grown else SHALLOW_MASKED).to(self.device)
        with half_precision(self.device):
            logits, _ = logits_at(model, batch)
        return {"loss": nn.functional.cross_entropy(logits.float(), batch.labels)}, batch.input_ids.numel()

    def watch(self, model: nn.Module) -> dict[str, float]:
        """Loss and top-1 accuracy on held-out documents."""
        use_fastest_attention(model, 128)
        return held_out_loss(model, self.held_out)
