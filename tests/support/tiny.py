"""Tiny checkpoints with seeded random weights, saved as a hub would serve them: config, weights, tokenizer.

Also a text of every task in words that they know, some of them in pieces.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

from analysis.inputs.examples import Example

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WORDS = """the a an is was not and of in to it this that film movie good bad great awful funny dull river city bank dog
cat man woman she he her his who what where when paris london mary john lives live in works new york old young likes
##s ##ed ##ing ##ly ##er ##un"""
PUNCTUATION = tuple(".,!?'\"-:;()")

HEADS = {
    "fill-mask": "AutoModelForMaskedLM",
    "sentiment": "AutoModelForSequenceClassification",
    "entities": "AutoModelForTokenClassification",
    "question-answering": "AutoModelForQuestionAnswering",
    "sentence-pair": "AutoModelForSequenceClassification",
}
LABELS: dict[str, tuple[str, ...]] = {
    "sentiment": ("NEGATIVE", "POSITIVE"),
    "entities": ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"),
    "sentence-pair": ("contradiction", "neutral", "entailment"),
}
CONTEXT = "mary lives in paris and works in london."
EXAMPLES = {
    "fill-mask": Example("fill-mask", "the unlovely [MASK] was good and the [MASK] was not."),
    "sentiment": Example("sentiment", "the old film was unlovely."),
    "entities": Example("entities", CONTEXT),
    "question-answering": Example("question-answering", "who lives in paris?", CONTEXT),
    "sentence-pair": Example("sentence-pair", "a man is in paris", "the woman was in london"),
}


def tiny_checkpoint(
    folder: Path,
    architecture: str,
    task: str,
    *,
    labels: Sequence[str] | None = None,
    hidden: int = 16,
    layers: int = 2,
    heads: int = 2,
    vocabulary: Sequence[str] | None = None,
    lower_case: bool = True,
    max_positions: int = 64,
    seed: int = 0,
    dtype: str = "float32",
    problem: str | None = None,
) -> Path:
    """`folder`, now holding a checkpoint of `architecture` ("bert" or "distilbert") with the head of `task`.

    `lower_case=False` makes it a cased one: capitals are in its vocabulary and stay as typed. `dtype` is that of the
    weights on disk ("float16" for half precision), `problem` what the labels were trained for, if the config says so.
    Equal arguments give equal bytes; the global generator is left as it was.
    """
    import torch
    import transformers

    pieces = list(vocabulary) if vocabulary is not None else tiny_vocabulary(lower_case=lower_case)
    config = tiny_config(
        architecture, len(pieces), hidden, layers, heads, max_positions, labels or LABELS.get(task, ())
    )
    if problem:
        config.problem_type = problem
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = getattr(transformers, HEADS[task]).from_config(config)
    network.to(getattr(torch, dtype)).save_pretrained(folder)
    tiny_tokenizer(architecture, pieces, lower_case, max_positions).save_pretrained(folder)
    return folder


def tiny_adapter(
    folder: Path, base: Path, task: str, *, labels: Sequence[str] | None = None, seed: int = 0, **settings: Any
) -> Path:
    """`folder`, now holding a LoRA adapter of the base for `task`, as peft saves it, with a head and `labels.json`.

    `settings` go to peft's LoraConfig. All that training would change is random: B matrices, the head, DoRA's lengths.
    """
    import peft
    import torch
    import transformers

    names = list(labels or LABELS.get(task, ()))
    named = {"id2label": dict(enumerate(names)), "label2id": {name: at for at, name in enumerate(names)}}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = getattr(transformers, HEADS[task]).from_pretrained(base, **(named if names else {}))
        heads = [name for name, _ in network.named_children() if name in ("classifier", "pre_classifier", "qa_outputs")]
        pooler = ["pooler"] if getattr(network.base_model, "pooler", None) is not None else []
        linear = ["query", "key", "value", "intermediate.dense", "q_lin", "k_lin", "v_lin", "lin1"]
        chosen = {
            "r": 4,
            "lora_alpha": 8,
            "target_modules": linear,
            "modules_to_save": heads + pooler or None,
        } | settings
        adapted = peft.get_peft_model(network, peft.LoraConfig(**chosen))
        for parameter in adapted.parameters():
            if parameter.requires_grad:
                torch.nn.init.normal_(parameter, std=0.3)
        adapted.save_pretrained(folder)
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(config | {"base_model_name_or_path": os.path.relpath(base, folder)}), encoding="utf-8")
    if names:
        (folder / "labels.json").write_text(json.dumps(names), encoding="utf-8")
    return folder


def tiny_vocabulary(*, lower_case: bool) -> list[str]:
    """Special tokens, every letter and digit at the start of a word and inside it, and some whole words."""
    words = WORDS.split()
    letters = ascii_lowercase + digits + ("" if lower_case else ascii_uppercase)
    capitalised = [] if lower_case else [word.capitalize() for word in words if word.isalpha() and len(word) > 1]
    pieces = [*SPECIAL_TOKENS, *PUNCTUATION, *letters, *(f"##{letter}" for letter in letters), *words, *capitalised]
    return list(dict.fromkeys(pieces))


def tiny_config(
    architecture: str, vocab_size: int, hidden: int, layers: int, heads: int, max_positions: int, labels: Sequence[str]
) -> Any:
    """A BertConfig or DistilBertConfig of this size."""
    import transformers

    shared: dict[str, Any] = {
        "vocab_size": vocab_size,
        "max_position_embeddings": max_positions,
        "initializer_range": 0.4,  # at the usual 0.02 a narrow network answers every text alike
    }
    if labels:
        shared["id2label"] = dict(enumerate(labels))
        shared["label2id"] = {label: index for index, label in enumerate(labels)}
    if architecture == "bert":
        return transformers.BertConfig(
            hidden_size=hidden,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            intermediate_size=2 * hidden,
            **shared,
        )
    if architecture == "distilbert":
        return transformers.DistilBertConfig(
            dim=hidden, n_layers=layers, n_heads=heads, hidden_dim=2 * hidden, **shared
        )
    raise ValueError(f'architecture must be "bert" or "distilbert", not "{architecture}"')


def tiny_tokenizer(architecture: str, pieces: Sequence[str], lower_case: bool, max_positions: int) -> Any:
    """The fast WordPiece tokenizer of `architecture` over `pieces`, in that order."""
    import transformers

    tokenizers = {"bert": transformers.BertTokenizer, "distilbert": transformers.DistilBertTokenizer}
    return tokenizers[architecture](
        vocab={piece: index for index, piece in enumerate(pieces)},
        do_lower_case=lower_case,
        model_max_length=max_positions,
    )


def hooks_of(model: Any) -> list[tuple[int, int, bool]]:
    """Everything that could still change what the network computes."""
    return [
        (len(module._forward_hooks), len(module._forward_pre_hooks), "forward" in vars(module))
        for module in model.network.modules()
    ]
