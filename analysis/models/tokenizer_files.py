"""The tokenizer in a checkpoint's folder, and what becomes of what the tokenizers library raises.

transformers itself would go on with a vocabulary of five pieces, or lower-case for a model that knows capitals.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import AnalysisError
from analysis.models.checkpoint_files import MALFORMED, read_settings
from analysis.models.hub import TOKENIZER

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedTokenizerBase

UNBOUNDED = 10**30  # tokens, as transformers writes it: what a text may have, `tokenize` says


def read_tokenizer(name: str, folder: Path, config: PreTrainedConfig) -> PreTrainedTokenizerBase:
    """The fast tokenizer, with a vocabulary of its own, of a model with this configuration."""
    import transformers

    if not any((folder / file).is_file() for file in TOKENIZER):
        raise AnalysisError(f"{name} has no tokenizer: tokenizer.json or vocab.txt is needed beside the weights.")
    damaged = f"The tokenizer of {name} is damaged: fetch the checkpoint again."
    with tokenizers_told(damaged, *MALFORMED, OSError):
        tokenizer: PreTrainedTokenizerBase = transformers.AutoTokenizer.from_pretrained(
            folder,
            config=config,  # as it was checked: config.json is not read again
            trust_remote_code=False,
            local_files_only=True,
            model_max_length=UNBOUNDED,
        )
        pieces = len(tokenizer) - len(tokenizer.all_special_ids)
    if not tokenizer.is_fast:
        raise AnalysisError(f"The tokenizer of {name} gives no character offsets: choose one with a tokenizer.json.")
    if pieces <= 0:
        raise AnalysisError(f"The tokenizer of {name} has an empty vocabulary: fetch the checkpoint again.")
    _check_capitals(name, folder, tokenizer)
    return tokenizer


@contextmanager
def tokenizers_told(sentence: str, *also: type[Exception]) -> Iterator[None]:
    """Raises an `AnalysisError` of this sentence where the tokenizers library gives up, and for what is named `also`.

    The library raises bare Exception and, where its Rust code panics, what is no Exception and cannot be imported.
    """
    try:
        yield
    except BaseException as error:
        gave_up = type(error) is Exception or type(error).__name__ == "PanicException"
        if not gave_up and not isinstance(error, also):
            raise  # a mistake of ours
        raise AnalysisError(sentence) from error


def _check_capitals(name: str, folder: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    """transformers asks tokenizer_config.json alone, and lower-cases for a cased model where that does not say."""
    if not (folder / "tokenizer.json").is_file():
        return
    normalizer = read_settings(name, folder / "tokenizer.json").get("normalizer") or {}
    backend: Any = tokenizer
    does = getattr(backend.backend_tokenizer.normalizer, "lowercase", None)
    if None not in (does, normalizer.get("lowercase")) and does != normalizer["lowercase"]:
        raise AnalysisError(
            f"The tokenizer of {name} keeps capitals in one of its files and lower-cases in another: set do_lower_case "
            "in tokenizer_config.json."
        )
