"""The student: a 6-layer DistilBERT, initialised from every other teacher layer and taught by three losses."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional
from transformers import BertForMaskedLM, DistilBertConfig, DistilBertForMaskedLM

from analysis.models.families import INITIALISED_FROM

from .ahead import Prepare, on_device
from .batches import Batch, Batches
from .loop import Pace, evaluating
from .pretrain import LENGTHS, at, half_precision, held_out_loss, logits_at, use_fastest_attention

TEACHER_LAYERS = INITIALISED_FROM[6, 12]  # student layer i starts as this layer, from 0
TEMPERATURE = 2.0
WEIGHTS = {"soft": 5.0, "mlm": 2.0, "cosine": 1.0}  # as in the code published with Sanh et al. 2019
PACE = Pace(peak=7e-4, warm_up=0.05)

# (DistilBERT's name, BERT's name) of the parts of one layer, of the embeddings, and of the head
LAYER_PARTS = (
    ("attention.q_lin", "attention.self.query"),
    ("attention.k_lin", "attention.self.key"),
    ("attention.v_lin", "attention.self.value"),
    ("attention.out_lin", "attention.output.dense"),
    ("sa_layer_norm", "attention.output.LayerNorm"),
    ("ffn.lin1", "intermediate.dense"),
    ("ffn.lin2", "output.dense"),
    ("output_layer_norm", "output.LayerNorm"),
)
OTHER_PARTS = (
    ("distilbert.embeddings.word_embeddings", "bert.embeddings.word_embeddings"),
    ("distilbert.embeddings.position_embeddings", "bert.embeddings.position_embeddings"),
    ("distilbert.embeddings.LayerNorm", "bert.embeddings.LayerNorm"),
    ("vocab_transform", "cls.predictions.transform.dense"),
    ("vocab_layer_norm", "cls.predictions.transform.LayerNorm"),
    ("vocab_projector", "cls.predictions.decoder"),
)


def student_config(teacher: BertForMaskedLM) -> DistilBertConfig:
    """The teacher's shape with half the layers; DistilBERT has no segment embeddings and no pooler."""
    config = teacher.config
    return DistilBertConfig(
        vocab_size=config.vocab_size,
        dim=config.hidden_size,
        n_layers=len(TEACHER_LAYERS),
        n_heads=config.num_attention_heads,
        hidden_dim=config.intermediate_size,
        max_position_embeddings=config.max_position_embeddings,
        dropout=0.0,
        attention_dropout=0.0,
        seq_classif_dropout=0.0,
        qa_dropout=0.0,
    )


def student_of(teacher: BertForMaskedLM) -> DistilBertForMaskedLM:
    """A student whose layers, embeddings and masked-language head are copies of the teacher's."""
    student = DistilBertForMaskedLM(student_config(teacher))
    pairs = list(OTHER_PARTS)
    for number, layer in enumerate(TEACHER_LAYERS):
        own, its = f"distilbert.transformer.layer.{number}", f"bert.encoder.layer.{layer}"
        pairs += [(f"{own}.{student_part}", f"{its}.{teacher_part}") for student_part, teacher_part in LAYER_PARTS]
    for student_part, teacher_part in pairs:
        student.get_submodule(student_part).load_state_dict(teacher.get_submodule(teacher_part).state_dict())
    return student


def soft_cross_entropy(student: Tensor, teacher: Tensor, temperature: float = TEMPERATURE) -> Tensor:
    """KL divergence in nats from the teacher's softened distribution to the student's, mean over places, times T².

    Both are logits [place, piece]. It differs from the cross-entropy with soft targets by the teacher's entropy,
    which has no gradient, and is 0 where the two agree.
    """
    of_student, of_teacher = (functional.log_softmax(logits / temperature, dim=-1) for logits in (student, teacher))
    return functional.kl_div(of_student, of_teacher, log_target=True, reduction="batchmean") * temperature**2


def cosine_distance(student: Tensor, teacher: Tensor) -> Tensor:
    """One minus the cosine of the two hidden states [..., feature], mean over all tokens."""
    return (1 - functional.cosine_similarity(student, teacher, dim=-1)).mean()


def triple_loss(student: tuple[Tensor, Tensor], teacher: tuple[Tensor, Tensor], labels: Tensor) -> dict[str, Tensor]:
    """The three losses and their weighted sum "loss"; student and teacher are (logits, hidden states)."""
    losses = {
        "soft": soft_cross_entropy(student[0].float(), teacher[0].float()),
        "mlm": functional.cross_entropy(student[0].float(), labels),
        "cosine": cosine_distance(student[1].float(), teacher[1].float()),
    }
    return {"loss": sum((WEIGHTS[name] * value for name, value in losses.items()), torch.zeros(())), **losses}


@dataclass(slots=True)
class Distillation:
    """The stage of the student. `mlm_only` leaves the teacher out: the ablation, same start, same batches."""

    teacher: BertForMaskedLM
    batches: Batches
    held_out: list[Batch]
    device: torch.device
    mlm_only: bool = False
    start: DistilBertForMaskedLM | None = None
    pace: Pace = PACE
    batch: Prepare[int, Batch] = field(init=False)

    def __post_init__(self) -> None:
        self.batch = on_device(self.batches, self.device)

    def build(self) -> DistilBertForMaskedLM:
        """The student as initialised from the teacher, or the earlier student to go on from."""
        evaluating(self.teacher, self.device).requires_grad_(False)
        return self.start or student_of(self.teacher)

    def length(self, share: float) -> int:
        """How long the sequences are: as long as the teacher's at this share of its budget."""
        return at(LENGTHS, share)

    def losses(self, model: DistilBertForMaskedLM, step: int, share: float) -> tuple[dict[str, Tensor], int]:
        """The three losses at this step's masked places, or the masked-language loss alone."""
        length = self.length(share)
        batch = self.batch(step, length)
        use_fastest_attention(model, length)
        with half_precision(self.device):
            student = logits_at(model, batch)
        if self.mlm_only:
            loss = functional.cross_entropy(student[0].float(), batch.labels)
            return {"loss": loss}, batch.input_ids.numel()
        use_fastest_attention(self.teacher, length)
        with half_precision(self.device), torch.no_grad():
            teacher = logits_at(self.teacher, batch)
        return triple_loss(student, teacher, batch.labels), batch.input_ids.numel()

    def watch(self, model: DistilBertForMaskedLM) -> dict[str, float]:
        """Loss and top-1 accuracy on held-out documents."""
        use_fastest_attention(model, 128)
        return held_out_loss(model, self.held_out)
