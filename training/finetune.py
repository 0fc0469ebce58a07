"""Fine-tuning of both sides on a task: the same recipe, the same examples in the same order, for each."""

from __future__ import annotations

import csv
import io
import lzma
import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from transformers import AutoModelForSequenceClassification, PreTrainedModel, PreTrainedTokenizerBase

from .adapters import with_adapter, with_head
from .ahead import Prepare, moved, on_device
from .batches import seed_of
from .loop import Budget, Pace, evaluating
from .pretrain import half_precision, use_fastest_attention

if TYPE_CHECKING:
    from peft import PeftModel

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
    Sequences have at most `length` tokens; `rank` is that of the adapter.
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
    peak: float = 1e-3
    rank: int = 16


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
    epochs=2,
    batch_size=128,
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


def chosen(rows: Sequence[Any], numbers: Iterable[int]) -> list[Any]:
    """The rows of these numbers."""
    return [rows[number] for number in numbers]


def model_inputs(encoded: Encoded, numbers: Collection[int], kind: str, device: torch.device) -> dict[str, Tensor]:
    """What the forward pass takes for these examples; DistilBERT reads no segment ids."""
    ids = padded(chosen(encoded.ids, numbers))
    lengths = torch.tensor([len(encoded.ids[number]) for number in numbers])
    inputs = {"input_ids": ids, "attention_mask": (torch.arange(ids.shape[1]) < lengths[:, None]).long()}
    if kind == "bert":
        inputs["token_type_ids"] = padded(chosen(encoded.segments, numbers))
    return {name: tensor.to(device) for name, tensor in inputs.items()}


@torch.no_grad()
def predicted(model: PreTrainedModel, encoded: Encoded, device: torch.device, batch_size: int = 64) -> np.ndarray:
    """The most probable label of every example, [example], in float32 arithmetic."""
    evaluating(model, device)
    order = np.argsort([len(row) for row in encoded.ids], kind="stable")
    answers = np.zeros(len(order), dtype=np.int64)
    for begin in range(0, len(order), batch_size):
        numbers = order[begin : begin + batch_size]
        logits = model(**model_inputs(encoded, numbers, model.config.model_type, device)).logits
        answers[numbers] = logits.argmax(-1).cpu().numpy()
    return answers


@torch.no_grad()
def share_right(
    model: PreTrainedModel | PeftModel, encoded: Encoded, device: torch.device, batch_size: int = 64
) -> float:
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


@dataclass(frozen=True, slots=True)
class TaskBatch:
    """What the forward pass takes for one step's examples, and how many tokens they have."""

    inputs: dict[str, Tensor]
    tokens: int

    def to(self, device: torch.device) -> TaskBatch:
        """The same batch on another device."""
        return TaskBatch({name: moved(tensor, device) for name, tensor in self.inputs.items()}, self.tokens)


@dataclass(slots=True)
class FineTuning:
    """The stage of one side on one task: an adapter and a head for the published encoder in the folder `base`.

    The head, the adapter's first weights, its dropout and the order of the examples follow from the seed.
    """

    recipe: TaskRecipe
    base: Path
    train: Encoded
    test: Encoded
    device: torch.device
    seed: int = 1
    orders: dict[int, list[np.ndarray]] = field(default_factory=dict)
    batch: Prepare[str, TaskBatch] = field(init=False)

    def __post_init__(self) -> None:
        self.batch = on_device(self.batch_of, self.device)

    @property
    def pace(self) -> Pace:
        """The recipe's learning rate, warmed up over a tenth of the steps."""
        return Pace(peak=self.recipe.peak, warm_up=0.1)

    def steps_an_epoch(self) -> int:
        """Batches that hold every example once."""
        return math.ceil(len(self.train.ids) / self.recipe.batch_size)

    def budget(self) -> Budget:
        """The same number of steps for both sides."""
        return Budget(steps=round(self.steps_an_epoch() * self.recipe.epochs))

    def build(self) -> PeftModel:
        """The published encoder with a new head and a new adapter."""
        torch.manual_seed(self.seed)
        return with_adapter(with_head(self.recipe, self.base), self.recipe.rank)

    def length(self, share: float) -> int:
        """The longest input, which does not change."""
        return self.recipe.length

    def losses(self, model: PeftModel, step: int, share: float) -> tuple[dict[str, Tensor], int]:
        """The head's own loss on this step's examples."""
        batch = self.batch(step, model.config.model_type)
        use_fastest_attention(model, batch.inputs["input_ids"].shape[1])
        torch.manual_seed(seed_of(self.seed, step))  # for dropout: a resumed run drops what an uninterrupted one does
        with half_precision(self.device):
            loss = model(**batch.inputs).loss
        return {"loss": loss.float()}, batch.tokens

    def batch_of(self, step: int, kind: str) -> TaskBatch:
        """The examples of this step, with their targets, as an architecture reads them."""
        numbers = self.examples(step)
        inputs = model_inputs(self.train, numbers, kind, torch.device("cpu"))
        tokens = int(inputs["attention_mask"].sum())
        targets = {name: padded(chosen(values, numbers), NOT_SCORED) for name, values in self.train.targets.items()}
        return TaskBatch(inputs | targets, tokens)

    def examples(self, step: int) -> np.ndarray:
        """The numbers of this step's examples."""
        epoch, place = divmod(step, self.steps_an_epoch())
        if epoch not in self.orders:
            lengths = [len(row) for row in self.train.ids]
            self.orders = {epoch: bucketed_order(lengths, self.recipe.batch_size, self.seed, epoch)}
        return self.orders[epoch][place]

    def watch(self, model: PeftModel) -> dict[str, float]:
        """Accuracy on the watched examples of the test part."""
        return {"held_out_accuracy": round(share_right(model, self.test, self.device), 4)}
