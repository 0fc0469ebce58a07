"""Fine-tuning of both sides on a task: the same recipe, the same examples in the same order, for each."""

from __future__ import annotations

import csv
import io
import lzma
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerBase

from .comparing import READER, recurrence_loss, with_reader, without_reader
from .distil import double_loss
from .loop import Budget, Pace
from .pretrain import at, half_precision, use_fastest_attention

LAST_PART = 0.9  # share of the budget from which on sequences have their full length
NOT_SCORED = -100  # the label of tokens that the loss leaves out
# What of the head's output answers which target.
ANSWERED_BY = {"labels": "logits", "start_positions": "start_logits", "end_positions": "end_logits"}


@dataclass(frozen=True, slots=True)
class Encoded:
    """Examples as the model reads them: token ids and segment ids, ragged, and what the head is to answer.

    `targets`: by the name that the head's forward takes, a number for each example or one for each of its tokens.
    """

    ids: list[list[int]]
    segments: list[list[int]]
    targets: dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class TaskRecipe:
    """One row of the table: what to read and how, which head to train on it, for how long.

    `source` names the data and its licence in the model card.
    `read(data, part)` gives the examples of one of the `parts` (train, then dev or test), and
    `encode(tokenizer, examples, length)` what the model takes of them.
    Sequences have at most `length` tokens, and at most `first_length` in the first part of the budget, where that is
    given. A task on `two_texts` is learned with the second objective of `comparing.py`. Each side starts from what it
    has published for the task `start`.
    """

    source: str
    labels: tuple[str, ...]
    head: Any
    read: Callable[[Path, str], list[Any]]
    encode: Callable[[PreTrainedTokenizerBase, Sequence[Any], int], Encoded]
    parts: tuple[str, str]
    length: int
    epochs: float
    batch_size: int = 64
    peak: float = 4e-4
    two_texts: bool = False
    first_length: int | None = None
    start: str = "fill-mask"

    def lengths(self) -> tuple[tuple[float, int], ...]:
        """(share of the budget from which on, longest sequence)."""
        return ((0.0, self.length),) if not self.first_length else ((0.0, self.first_length), (LAST_PART, self.length))


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, a second text where the task has one, and the number of its label."""

    text: str
    text_pair: str | None
    label: int


def table_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a tab-separated file, xz-compressed or not."""
    data = path.read_bytes()
    text = (lzma.decompress(data) if path.suffix == ".xz" else data).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))


def read_sst2(data: Path, part: str) -> list[Labelled]:
    """Sentences and phrases of film reviews: 0 negative, 1 positive."""
    return [Labelled(row["sentence"], None, int(row["label"])) for row in table_rows(data / "sst2" / part)]


def encode_labelled(tokenizer: PreTrainedTokenizerBase, examples: Sequence[Labelled], length: int) -> Encoded:
    """The examples, the longest of them cut to `length` tokens, in training and in measuring alike."""
    seconds = [example.text_pair for example in examples if example.text_pair is not None] or None
    encoding = tokenizer(
        [example.text for example in examples],
        seconds,
        truncation=True,
        max_length=length,
        return_token_type_ids=True,
    )
    return Encoded(
        encoding["input_ids"], encoding["token_type_ids"], {"labels": [example.label for example in examples]}
    )


SENTIMENT = TaskRecipe(
    source="SST-2, sentences of film reviews and phrases of them, as in GLUE (GLUE terms)",
    labels=("negative", "positive"),
    head=AutoModelForSequenceClassification,
    read=read_sst2,
    encode=encode_labelled,
    parts=("train.tsv.xz", "dev.tsv"),
    length=64,
    epochs=0.8,
)


def bucketed_order(lengths: Sequence[int], batch_size: int, seed: int, epoch: int) -> list[np.ndarray]:
    """Example numbers of each batch of an epoch: of similar length within a batch, in random order otherwise."""
    generator = np.random.default_rng([seed, epoch])
    order = generator.permutation(len(lengths))
    pool = batch_size * 50
    batches: list[np.ndarray] = []
    for begin in range(0, len(order), pool):
        part = order[begin : begin + pool]
        part = part[np.argsort(np.array(lengths)[part], kind="stable")]
        batches += [part[at : at + batch_size] for at in range(0, len(part), batch_size)]
    return [batches[number] for number in generator.permutation(len(batches))]


def padded(rows: Sequence[Any], filling: int = 0) -> Tensor:
    """Numbers as [row], ragged rows as [row, position] filled up on the right; 0 is the id of [PAD]."""
    if isinstance(rows[0], int):
        return torch.tensor(rows)
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[filling] * (longest - len(row))] for row in rows])


def chosen(rows: Sequence[Any], numbers: Sequence[int]) -> list[Any]:
    """The rows of these numbers."""
    return [rows[number] for number in numbers]


def model_inputs(encoded: Encoded, numbers: Sequence[int], kind: str, device: torch.device) -> dict[str, Tensor]:
    """What the forward pass takes for these examples; DistilBERT reads no segment ids."""
    ids = padded(chosen(encoded.ids, numbers))
    lengths = torch.tensor([len(encoded.ids[number]) for number in numbers])
    inputs = {"input_ids": ids, "attention_mask": (torch.arange(ids.shape[1]) < lengths[:, None]).long()}
    if kind == "bert":
        inputs["token_type_ids"] = padded(chosen(encoded.segments, numbers))
    return {name: tensor.to(device) for name, tensor in inputs.items()}


@torch.no_grad()
def predicted(model: nn.Module, encoded: Encoded, device: torch.device, batch_size: int = 64) -> np.ndarray:
    """The most probable label of every example, [example], in float32 arithmetic."""
    model.eval()
    order = np.argsort([len(row) for row in encoded.ids], kind="stable")
    answers = np.zeros(len(order), dtype=np.int64)
    for begin in range(0, len(order), batch_size):
        numbers = order[begin : begin + batch_size]
        logits = model(**model_inputs(encoded, numbers, model.config.model_type, device)).logits
        answers[numbers] = logits.argmax(-1).cpu().numpy()
    return answers


@torch.no_grad()
def share_right(model: nn.Module, encoded: Encoded, device: torch.device, batch_size: int = 64) -> float:
    """The share of all scored targets (labels of texts or tokens, starts and ends of answers) that the model hits."""
    model.eval()
    right = count = 0
    for begin in range(0, len(encoded.ids), batch_size):
        numbers = range(begin, min(begin + batch_size, len(encoded.ids)))
        outputs = model(**model_inputs(encoded, numbers, model.config.model_type, device))
        for name, values in encoded.targets.items():
            wanted = padded(chosen(values, numbers), NOT_SCORED).to(device)
            scored = wanted != NOT_SCORED
            right += int((outputs[ANSWERED_BY[name]].argmax(-1) == wanted)[scored].sum())
            count += int(scored.sum())
    return right / count


def answers_of(outputs: Any, targets: Mapping[str, Tensor]) -> list[Tensor]:
    """For each of the targets the head's logits where one is scored, [example or token, choice]."""
    return [outputs[ANSWERED_BY[name]][wanted != NOT_SCORED].float() for name, wanted in targets.items()]


@dataclass(slots=True)
class FineTuning:
    """The stage of one side on one task, from the published folder that the recipe starts from.

    `train` has the training examples cut to each length of the recipe's. Where there is a `teacher`, fine-tuned on the
    task, its answers are learned as well as the labels: the second distillation.
    """

    recipe: TaskRecipe
    base: Path
    train: Mapping[int, Encoded]
    test: Encoded
    device: torch.device
    seed: int = 0
    teacher: nn.Module | None = None
    orders: dict[tuple[int, int], list[np.ndarray]] = field(default_factory=dict)

    @property
    def pace(self) -> Pace:
        """The recipe's learning rate, warmed up over a tenth of the steps."""
        return Pace(peak=self.recipe.peak, warm_up=0.1)

    def steps_an_epoch(self) -> int:
        """Batches that hold every example once."""
        return math.ceil(len(self.train[self.recipe.length].ids) / self.recipe.batch_size)

    def budget(self) -> Budget:
        """The same number of steps for both sides."""
        return Budget(steps=round(self.steps_an_epoch() * self.recipe.epochs))

    def layers(self, share: float) -> int:
        """The depth is the pre-trained folder's: nothing to schedule."""
        return 0

    def build(self, layers: int, fresh: bool) -> nn.Module:
        """The published encoder with a fresh head, the same seed for both sides."""
        torch.manual_seed(self.seed)
        names = dict(enumerate(self.recipe.labels))
        model = self.recipe.head.from_pretrained(
            self.base, dtype=torch.float32, id2label=names, label2id={name: key for key, name in names.items()}
        )
        return with_reader(model) if self.recipe.two_texts else model

    def published(self, model: nn.Module) -> nn.Module:
        """The model, in place, without what only training needed."""
        return without_reader(model) if self.recipe.two_texts else model

    def grow(self, model: nn.Module, layers: int) -> tuple[nn.Module, dict[str, str]]:
        """Never asked for."""
        raise ValueError("a fine-tuned model does not grow")

    def length(self, share: float) -> int:
        """The longest input at this share of the budget."""
        return at(self.recipe.lengths(), share)

    def lengthen(self, model: nn.Module, trained: int) -> None:
        """The model has all its positions from the start: nothing to do."""

    def losses(self, model: nn.Module, step: int, share: float) -> tuple[dict[str, Tensor], int]:
        """The head's own loss on this step's examples, with those of the teacher's answers and the second objective."""
        length = self.length(share)
        examples, numbers = self.train[length], self.batch(step, length)
        inputs = model_inputs(examples, numbers, model.config.model_type, self.device)
        use_fastest_attention(model, inputs["input_ids"].shape[1])
        targets = {
            name: padded(chosen(values, numbers), NOT_SCORED).to(self.device)
            for name, values in examples.targets.items()
        }
        with half_precision(self.device):
            outputs = model(**inputs, **targets, output_hidden_states=self.recipe.two_texts)
        losses = {"loss": outputs.loss.float()}
        if self.teacher is not None:
            taught = self.taught(self.teacher, numbers, length, targets)
            losses = double_loss(losses["loss"], answers_of(outputs, targets), taught)
        if self.recipe.two_texts:
            segments = padded(chosen(examples.segments, numbers)).to(self.device)
            recurrence = recurrence_loss(model, outputs.hidden_states, inputs, segments)
            both = losses["loss"] + (1 - share) * recurrence
            losses = {"task": losses["loss"], **losses, "loss": both, READER: recurrence}
        return losses, int(inputs["attention_mask"].sum())

    @torch.no_grad()
    def taught(
        self, teacher: nn.Module, numbers: Sequence[int], length: int, targets: Mapping[str, Tensor]
    ) -> list[Tensor]:
        """The teacher's answers to this step's examples."""
        inputs = model_inputs(self.train[length], numbers, teacher.config.model_type, self.device)
        use_fastest_attention(teacher, inputs["input_ids"].shape[1])
        with half_precision(self.device):
            return answers_of(teacher(**inputs), targets)

    def batch(self, step: int, length: int) -> np.ndarray:
        """The example numbers of this step, of those cut to this length."""
        epoch, place = divmod(step, self.steps_an_epoch())
        if (epoch, length) not in self.orders:
            lengths = [len(row) for row in self.train[length].ids]
            self.orders = {(epoch, length): bucketed_order(lengths, self.recipe.batch_size, self.seed, epoch)}
        return self.orders[epoch, length][place]

    def watch(self, model: nn.Module) -> dict[str, float]:
        """Accuracy on the watched examples of the test part."""
        return {"held_out_accuracy": round(share_right(model, self.test, self.device), 4)}
