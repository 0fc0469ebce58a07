"""The files of a checkpoint and of an adapter: each is read by loading what it belongs to, and asking."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hypothesis import strategies
from hypothesis.strategies import DrawFn, composite
from safetensors.torch import load_file

from analysis.inputs.examples import Example, checked
from analysis.models.hub import ADAPTER, ADAPTER_WEIGHTS, CARD, LABELS
from analysis.models.model import Model, load
from analysis.models.model_files import fingerprint_of
from analysis.models.pairs import Checkpoint
from analysis.predictions.heads import predict
from cache import codec
from tests.fuzzing.fuzzer import Prepared, Target
from tests.fuzzing.mutations import Damage, damaged, json_files, odd_values, or_whole, safetensors_files, word_lists
from tests.fuzzing.vocabulary import ADAPTER_WORDS, CONFIG_WORDS, OPTION_WORDS, TOKENIZER_PARTS, TOKENIZER_WORDS
from tests.support.checkpoint_folders import LOWER, rewrite, word_list
from tests.support.tiny import EXAMPLES, tiny_adapter, tiny_checkpoint, tiny_vocabulary

Base = tuple[str, str]  # architecture and task

QUICK = 6
SENTIMENT, MASKS = ("bert", "sentiment"), ("distilbert", "fill-mask")
ENTITIES, ANSWERS = ("distilbert", "entities"), ("bert", "question-answering")
# What older checkpoints have beside their tokenizer.
TOKEN = {"content": "[CLS]", "lstrip": False, "rstrip": False, "normalized": False, "single_word": False}
OLDER_FILES: dict[str, Any] = {
    "special_tokens_map.json": {"unk_token": "[UNK]", "cls_token": TOKEN, "additional_special_tokens": ["film"]},
    "added_tokens.json": {"[MASK]": 4, "film": tiny_vocabulary(lower_case=True).index("film")},
}
MODEL_CARD = "---\nlanguage: en\ndatasets:\n- squad_v2\nmodel-index:\n- name: mine\n---\nA model.\n"


@dataclass(frozen=True, slots=True)
class Changing:
    """A checkpoint of which one file changes, and the task that it is asked about."""

    checkpoint: Checkpoint
    task: str
    file: Path

    def read(self, content: bytes) -> None:
        """Loads the checkpoint with this content of the file, and asks it."""
        self.file.write_bytes(content)
        fingerprint_of(self.checkpoint)
        ask(load(self.checkpoint, self.task), EXAMPLES[self.task])


def ask(model: Model, example: Example) -> None:
    """Asks a model: the answer must be one that a page can show and a store can keep."""
    answer = predict(model, checked(example))
    assert np.isfinite(answer.distributions).all(), "an answer that is not finite"
    for text in (answer.summary, *answer.outcomes):
        text.encode()
    assert codec.decode(type(answer), codec.encode(answer)).summary == answer.summary, "another answer in the store"


def _own_files(file: str, damage: Damage, bases: Sequence[Base], folder: Path) -> Prepared:
    """One file of a checkpoint, of each of these architectures and tasks."""
    return _changing([_checkpoint(file, *base, folder) for base in bases], damage)


def _checkpoint(file: str, architecture: str, task: str, folder: Path) -> Changing:
    own = tiny_checkpoint(folder / architecture / task, architecture, task)
    if file == "vocab.txt":
        word_list(own, LOWER)
    if file == "tokenizer.json" and architecture == "bert":  # BertTokenizer takes no more than the vocabulary from it
        rewrite(own / "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast")
    if file == CARD:
        (own / file).write_text(MODEL_CARD, encoding="utf-8")
    if file in OLDER_FILES:
        (own / file).write_text(json.dumps(OLDER_FILES[file]), encoding="utf-8")
    checkpoint = Checkpoint(str(own), architecture, beside=str(own))  # its tokenizer may join words
    return Changing(checkpoint, task, own / file)


def _adapter_files(file: str, damage: Damage, folder: Path) -> Prepared:
    """One file of an adapter to a base that fills masks."""
    adapters = []
    for architecture, task in (SENTIMENT, ENTITIES):
        base = tiny_checkpoint(folder / architecture / "base", architecture, "fill-mask")
        own = tiny_adapter(folder / architecture / "adapter", base, task)
        adapters.append(Changing(Checkpoint(str(own), architecture), task, own / file))
    return _changing(adapters, damage)


def _changing(checkpoints: Sequence[Changing], damage: Damage) -> Prepared:
    """Inputs are the number of a checkpoint and the content of its file."""
    inputs = [
        strategies.tuples(strategies.just(number), or_whole(damage, each.file.read_bytes()))
        for number, each in enumerate(checkpoints)
    ]
    return strategies.one_of(inputs), lambda drawn: checkpoints[drawn[0]].read(drawn[1])


def _torch_files(folder: Path) -> Prepared:
    """Weights in torch's own format."""
    own = tiny_checkpoint(folder, "bert", "sentiment")
    valid = load_file(own / "model.safetensors")
    (own / "model.safetensors").unlink()
    changing = Changing(Checkpoint(str(own), "bert"), "sentiment", own / "pytorch_model.bin")
    torch.save(valid, changing.file)
    return or_whole(damaged, changing.file.read_bytes()) | odd_tables(valid), changing.read


@composite
def odd_tables(draw: DrawFn, valid: Mapping[str, torch.Tensor]) -> bytes:
    """A file in torch's own format in which a name has another kind of tensor, or something else, or is no name."""
    table: dict[Any, Any] = dict(valid)
    name = draw(strategies.sampled_from(list(table)))
    odd = draw(strategies.none() | strategies.sampled_from(list(ODD_TENSORS)))
    table[name] = ODD_TENSORS[odd](table[name]) if odd else draw(odd_values)
    if draw(strategies.integers(0, 5)) == 0:
        table[draw(odd_values.filter(lambda value: not isinstance(value, list | dict)))] = table.pop(name)
    stream = io.BytesIO()
    torch.save(table, stream)
    return stream.getvalue()


ODD_TENSORS: dict[str, Callable[[torch.Tensor], Any]] = {
    "endless": lambda tensor: torch.zeros(1).expand(2**20, 2**20),
    "sparse": lambda tensor: tensor.to_sparse(),
    "huge and sparse": lambda tensor: torch.sparse_coo_tensor([[0], [0]], [1.0], (2**30, 2**30), check_invariants=True),
    "integers": lambda tensor: tensor.to(torch.int64),
    "complex": lambda tensor: tensor.to(torch.complex64),
    "double": lambda tensor: tensor.to(torch.float64) * 1e300,
    "large": lambda tensor: tensor * 1e37,
    "no axes": lambda tensor: torch.tensor(1.0),
    "empty": lambda tensor: tensor[:0],
    "transposed": lambda tensor: tensor.T if tensor.dim() == 2 else tensor,
    "a parameter": torch.nn.Parameter,
    "a list": lambda tensor: [tensor],
    "without numbers": lambda tensor: tensor.to("meta"),
    "eight bits": lambda tensor: tensor.to(torch.float8_e4m3fn),
}

TARGETS: dict[str, Target] = {
    file: Target(partial(_own_files, file, damage, bases), QUICK)
    for file, damage, bases in (
        ("config.json", partial(json_files, known=CONFIG_WORDS.split()), (SENTIMENT, ENTITIES, MASKS, ANSWERS)),
        (
            "tokenizer.json",
            partial(json_files, known=TOKENIZER_WORDS.split(), parts=TOKENIZER_PARTS),
            (SENTIMENT, ENTITIES, MASKS, ANSWERS),
        ),
        ("tokenizer_config.json", partial(json_files, known=OPTION_WORDS.split()), (SENTIMENT, MASKS)),
        ("special_tokens_map.json", partial(json_files, known=OPTION_WORDS.split()), (SENTIMENT, MASKS)),
        ("added_tokens.json", partial(json_files, known=OPTION_WORDS.split()), (SENTIMENT, MASKS)),
        ("vocab.txt", word_lists, (SENTIMENT, MASKS, ANSWERS)),
        (CARD, word_lists, (ANSWERS,)),
        ("model.safetensors", safetensors_files, (SENTIMENT, ENTITIES, MASKS)),
    )
} | {
    "pytorch_model.bin": Target(_torch_files, QUICK),
    ADAPTER: Target(partial(_adapter_files, ADAPTER, partial(json_files, known=ADAPTER_WORDS.split())), QUICK),
    ADAPTER_WEIGHTS: Target(partial(_adapter_files, ADAPTER_WEIGHTS, safetensors_files), QUICK),
    LABELS: Target(partial(_adapter_files, LABELS, json_files), QUICK),
}
