"""The laws that the training recipe rests on, on tiny models and made-up sentences."""

from __future__ import annotations

import json
import lzma
import math
import platform
import resource
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from transformers import (
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    DistilBertForMaskedLM,
    PreTrainedTokenizerBase,
)

from training import finetune, pretrain
from training.batches import Batch, Batches, held_out_batches, mask, sequences
from training.card import ablation, late_tokens
from training.corpus import WORDS_PER_DOCUMENT, Corpus, documents, load_corpus, pack
from training.curves import svg
from training.distil import TEACHER_LAYERS, Distillation, soft_cross_entropy, student_of, triple_loss
from training.evaluate import (
    ABLATION,
    SIDES,
    bootstrap_weights,
    estimate,
    evaluate_fill_mask,
    kappa,
    mean_of,
    write_evaluation,
)
from training.finetune import FineTuning, Labelled, bucketed_order, encode_labelled
from training.loop import Budget, Pace, restored, saved_progress, train
from training.pretrain import PreTraining, logits_at, stacked
from training.publish import after_restarts, merged, publish, publish_records, published_record, read_log
from training.sources import Source
from training.start import NEIGHBOURS, extend_positions, new_teacher, sinusoids, word_vectors
from training.threads import SharedCores
from training.tokenizer import learn_vocabulary, tokenizer_for

CPU = torch.device("cpu")
SENTENCES = (
    "The river runs from the hills to the sea.",
    "A short film can be better than a long one!",
    "Why does the moon follow the train at night?",
    "Salt and water make the old bridge rust.",
    "The teacher reads slowly, and the student learns quickly.",
)


def tiny_config(vocabulary: int, layers: int = 12) -> BertConfig:
    return BertConfig(
        vocab_size=vocabulary,
        hidden_size=16,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=512,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.2,  # a teacher of random weights that has something to say
    )


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerBase:
    return tokenizer_for("bert", learn_vocabulary(SENTENCES, 150))


@pytest.fixture(scope="module")
def corpus(tokenizer: PreTrainedTokenizerBase) -> Corpus:
    """Ten documents of 800 tokens, the eighth held out."""
    ids = tokenizer(" ".join(SENTENCES), add_special_tokens=False)["input_ids"]
    tokens = np.resize(np.array(ids, dtype=np.uint16), 8_000)
    ends = np.arange(800, 8_001, 800)
    held_out = np.arange(10) == 7
    stops = np.array(tokenizer.convert_tokens_to_ids([".", "?", "!"]), dtype=np.uint16)
    return Corpus(tokens, ends, np.zeros(10, dtype=np.uint8), held_out, stops)


@pytest.fixture(scope="module")
def teacher(tokenizer: PreTrainedTokenizerBase) -> BertForMaskedLM:
    torch.manual_seed(0)
    return BertForMaskedLM(tiny_config(len(tokenizer))).eval()


@pytest.fixture
def batch(corpus: Corpus, tokenizer: PreTrainedTokenizerBase) -> Batch:
    return Batches(corpus, tokenizer, 256, seed=3)(0, 32)


def binomial_bound(share: float, count: int) -> float:
    """Six standard deviations: a fixed seed that fails it shows a wrong share, not bad luck."""
    return 6 * math.sqrt(share * (1 - share) / count)


def test_masking_chooses_15_percent_and_splits_them_80_10_10() -> None:
    ids = torch.randint(5, 1_000, (400, 128), generator=torch.Generator().manual_seed(1))
    special = torch.zeros_like(ids, dtype=torch.bool)
    special[:, 0] = True
    masked, places, labels = mask(ids, special, 4, 1_000, torch.Generator().manual_seed(2))
    assert len(places) / (400 * 127) == pytest.approx(0.15, abs=binomial_bound(0.15, 400 * 127))
    assert torch.equal(labels, ids.flatten()[places])
    assert not (places % 128 == 0).any()
    now = masked.flatten()[places]
    shares = [(now == 4), (now == labels), (now != 4) & (now != labels)]
    for share, expected in zip(shares, (0.8, 0.1 + 0.1 / 995, 0.1 - 0.1 / 995), strict=True):
        assert float(share.float().mean()) == pytest.approx(expected, abs=binomial_bound(expected, len(places)))
    untouched = torch.ones(ids.numel(), dtype=torch.bool)
    untouched[places] = False
    assert torch.equal(masked.flatten()[untouched], ids.flatten()[untouched])


def test_two_segments_are_consecutive_and_meet_at_a_separator() -> None:
    windows = torch.arange(10, 40).repeat(6, 1)
    ids, segments = sequences(windows, 2, 3, torch.Generator().manual_seed(0))
    assert (ids[:, 0] == 2).all()
    assert (ids[:, -1] == 3).all()
    assert torch.equal(ids[::2, 1:-1], windows[::2])
    assert not segments[::2].any()
    for row, segment in zip(ids[1::2], segments[1::2], strict=True):
        (middle,) = (row[:-1] == 3).nonzero()
        assert torch.equal(torch.cat([row[1:middle], row[middle + 1 : -1]]), windows[0, :-1])
        assert torch.equal(segment, (torch.arange(len(row)) > middle).long())


def test_batches_never_show_a_held_out_document_and_do_not_depend_on_history(
    corpus: Corpus, tokenizer: PreTrainedTokenizerBase
) -> None:
    marked = Corpus(corpus.tokens.copy(), corpus.ends, corpus.source, corpus.held_out, corpus.sentence_ends)
    marked.tokens[5_600:6_400] = 5  # the held-out document alone has this piece in a row
    first, second = (Batches(marked, tokenizer, 256, seed=1) for _ in range(2))
    seen = [first(step, 32) for step in range(40)]
    for step in reversed(range(40)):
        again = second(step, 32)
        assert torch.equal(seen[step].input_ids, again.input_ids)
        assert torch.equal(seen[step].places, again.places)
        assert int((again.input_ids == 5).sum(1).max()) < 16
    held_out, starts = held_out_batches(marked, tokenizer, 32, 10)
    assert ((starts >= 5_600) & (starts < 6_400)).all()
    assert sum(len(each.input_ids) for each in held_out) == len(starts)


def test_documents_keep_the_lines_in_order() -> None:
    lines = [f"line {number} of many words" for number in range(50)]
    blocks = documents(lines, words=30)
    assert [line for block in blocks for line in block] == lines
    assert {len(block) for block in blocks[:-1]} == {6}


def test_questions_stand_before_their_paragraphs_but_not_in_held_out_text(
    tokenizer: PreTrainedTokenizerBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paragraphs = [f"{sentence} {'river ' * WORDS_PER_DOCUMENT}".strip() for sentence in SENTENCES * 2]
    asked = [{"context": text, "qas": [{"question": "who runs? "}, {"question": "why?"}]} for text in paragraphs[:5]]
    (tmp_path / "pretraining").mkdir()
    (tmp_path / "squad_v1").mkdir()
    text = "\n".join(paragraphs)
    (tmp_path / "pretraining" / "asked.txt.xz").write_bytes(lzma.compress(text.encode()))
    articles = json.dumps({"data": [{"paragraphs": asked}]})
    (tmp_path / "squad_v1" / "train.json.xz").write_bytes(lzma.compress(articles.encode()))
    monkeypatch.setattr("training.corpus.SOURCES", (Source("asked", "", "", questioned=True),))
    pack(tmp_path, tokenizer, tmp_path / "corpus.safetensors")
    packed = load_corpus(tmp_path / "corpus.safetensors")
    begins = [tokenizer.decode(packed.document(number)[:30]).replace(" ", "") for number in range(10)]
    wanted = ["" if number == 7 else "whoruns?why?" for number in range(10)]
    plain = [sentence.lower().replace(" ", "") for sentence in SENTENCES * 2]
    assert [begin[: len(want + text)] for begin, want, text in zip(begins, wanted, plain, strict=True)] == [
        want + text for want, text in zip(wanted, plain, strict=True)
    ]


@pytest.mark.parametrize("side", ["teacher", "student"])
def test_loss_at_masked_places_is_the_one_transformers_computes(
    side: str, teacher: BertForMaskedLM, batch: Batch
) -> None:
    model = teacher if side == "teacher" else student_of(teacher).eval()
    logits, _ = logits_at(model, batch)
    labels = torch.full_like(batch.input_ids, -100)
    labels.view(-1)[batch.places] = batch.labels
    segments = {"token_type_ids": batch.token_type_ids} if side == "teacher" else {}
    theirs = model(input_ids=batch.input_ids, labels=labels, **segments).loss
    torch.testing.assert_close(nn.functional.cross_entropy(logits, batch.labels), theirs)


def test_stacking_copies_each_layer_and_says_from_where(tokenizer: PreTrainedTokenizerBase) -> None:
    shallow = BertForMaskedLM(tiny_config(len(tokenizer), layers=3))
    deep, sources = stacked(shallow, 6)
    assert deep.config.num_hidden_layers == 6
    assert shallow.config.num_hidden_layers == 3
    weights = dict(shallow.named_parameters())
    assert set(sources.values()) == set(weights)
    for name, parameter in deep.named_parameters():
        assert torch.equal(parameter, weights[sources[name]])
    assert sources["bert.encoder.layer.4.output.dense.weight"] == "bert.encoder.layer.1.output.dense.weight"


@torch.no_grad()
def test_a_new_teacher_looks_at_neighbours_and_knows_frequencies() -> None:
    """Each head of the first layer attends most to its offset, as positions alone would have it; the bias is log p."""
    config = BertConfig(vocab_size=300, hidden_size=192, num_hidden_layers=1, num_attention_heads=12)
    tokens = np.repeat(np.arange(300), np.arange(300))
    model = new_teacher(config, tokens, special=5)
    attention = model.bert.encoder.layer[0].attention.self
    waves = model.bert.embeddings.position_embeddings.weight[:64]
    queries, keys = (layer(waves).view(64, 12, 16) for layer in (attention.query, attention.key))
    scores = torch.einsum("phf,jhf->hpj", queries, keys)
    for head, offset in enumerate(NEIGHBOURS):
        assert torch.equal(scores[head, 3:-3].argmax(-1), torch.arange(3, 61) + offset)
    bias = model.cls.predictions.bias
    assert float(bias.exp().sum()) == pytest.approx(1, abs=1e-5)
    assert float((bias[9] - bias[1]).exp()) == pytest.approx(5, rel=1e-4)


def test_late_positions_go_on_as_the_learned_ones_began() -> None:
    """Embeddings that are a linear map of the waves are continued by that map, the trained ones left alone."""
    generator = torch.Generator().manual_seed(0)
    waves = sinusoids(200, 16)
    learned = waves @ torch.randn(16, 16, generator=generator) + torch.randn(16, generator=generator)
    weight = torch.where(torch.arange(200)[:, None] < 150, learned, waves)
    extend_positions(weight, 150, ridge=1e-4)
    assert torch.equal(weight[:150], learned[:150])
    torch.testing.assert_close(weight[150:], learned[150:], atol=0.1, rtol=0)


def test_pieces_with_like_neighbours_get_like_vectors() -> None:
    """0 and 1, and no other piece, stand between 19 and 10."""
    generator = np.random.default_rng(0)
    lines = [np.array([19, generator.integers(2), 10, *generator.permutation(np.arange(2, 10))]) for _ in range(500)]
    vectors = torch.nn.functional.normalize(word_vectors(np.concatenate(lines), 20, 8), dim=1)
    likeness = vectors @ vectors[0]
    assert int(likeness[1:].argmax()) + 1 == 1
    assert float(likeness[1]) > 0.9


def test_student_starts_as_every_other_teacher_layer(teacher: BertForMaskedLM) -> None:
    student = student_of(teacher).eval()
    hidden = torch.randn(2, 7, 16)
    for number, layer in enumerate(TEACHER_LAYERS):
        theirs = teacher.bert.encoder.layer[layer](hidden)
        ours = student.distilbert.transformer.layer[number](hidden)
        theirs, ours = (each[0] if isinstance(each, tuple) else each for each in (theirs, ours))
        torch.testing.assert_close(ours, theirs)
    pieces = torch.randint(0, 100, (2, 9))
    no_segments = torch.zeros_like(teacher.bert.embeddings.token_type_embeddings.weight)
    words, positions = teacher.bert.embeddings.word_embeddings, teacher.bert.embeddings.position_embeddings
    expected = teacher.bert.embeddings.LayerNorm(words(pieces) + positions(torch.arange(9)) + no_segments[0])
    torch.testing.assert_close(student.distilbert.embeddings(pieces), expected)
    assert student.vocab_projector.weight is student.distilbert.embeddings.word_embeddings.weight


def test_distillation_loss_by_hand() -> None:
    student_logits, teacher_logits = torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 0.0]])
    p = 1 / (1 + math.exp(-1.0))  # the student's softened share of the first piece: logits 2 and 0 over T = 2
    kl = 0.5 * math.log(0.5 / p) + 0.5 * math.log(0.5 / (1 - p))
    mlm = -math.log(1 / (1 + math.exp(2.0)))
    student = student_logits, torch.tensor([[[1.0, 0.0]]])
    teacher = teacher_logits, torch.tensor([[[1.0, 1.0]]])
    losses = triple_loss(student, teacher, torch.tensor([1]))
    assert float(losses["soft"]) == pytest.approx(4 * kl, rel=1e-5)
    assert float(losses["mlm"]) == pytest.approx(mlm, rel=1e-5)
    assert float(losses["cosine"]) == pytest.approx(1 - math.sqrt(0.5), rel=1e-5)
    expected = 5 * 4 * kl + 2 * mlm + (1 - math.sqrt(0.5))
    assert float(losses["loss"]) == pytest.approx(expected, rel=1e-5)


def test_a_student_that_answers_as_its_teacher_has_nothing_to_learn_from_it() -> None:
    logits, hidden = torch.randn(9, 50, generator=torch.Generator().manual_seed(0)), torch.randn(2, 5, 8)
    losses = triple_loss((logits, hidden), (logits.clone(), hidden.clone()), torch.zeros(9, dtype=torch.long))
    assert float(losses["soft"]) == pytest.approx(0, abs=1e-6)
    assert float(losses["cosine"]) == pytest.approx(0, abs=1e-6)
    assert float(soft_cross_entropy(logits, logits.roll(1, 0))) > 0.1


def test_learning_rate_rises_then_falls_to_zero() -> None:
    pace = Pace(peak=2.0, warm_up=0.1)
    assert pace.rate(0.0) == 0
    assert pace.rate(0.05) == pytest.approx(1.0)
    assert pace.rate(0.1) == pytest.approx(2.0)
    assert pace.rate(0.55) == pytest.approx(1.0)
    assert pace.rate(1.0) == 0


def small_stage(corpus: Corpus, tokenizer: PreTrainedTokenizerBase, monkeypatch: pytest.MonkeyPatch) -> PreTraining:
    monkeypatch.setattr(pretrain, "teacher_config", tiny_config)
    monkeypatch.setattr(pretrain, "GROWTH", ((0.0, 1), (0.5, 2)))
    monkeypatch.setattr(pretrain, "LENGTHS", ((0.0, 32), (0.8, 64)))
    monkeypatch.setattr(pretrain, "half_precision", lambda device: torch.autocast("cpu", enabled=False))
    batches = Batches(corpus, tokenizer, 256, seed=1)
    return PreTraining(batches, held_out_batches(corpus, tokenizer, 32, 8)[0], CPU)


def test_an_interrupted_run_ends_with_the_same_bits(
    corpus: Corpus, tokenizer: PreTrainedTokenizerBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(Exception):
        pass

    class Interrupted(PreTraining):
        def losses(self, model: nn.Module, step: int, share: float) -> tuple[dict[str, torch.Tensor], int]:
            if step in stops and not (tmp_path / f"stop{step}").exists():
                (tmp_path / f"stop{step}").touch()
                raise KilledError
            return super().losses(model, step, share)

    stage, budget = small_stage(corpus, tokenizer, monkeypatch), Budget(steps=20)
    monkeypatch.setattr("training.loop.SECONDS_BETWEEN_STATES", 0.0)
    whole = train(stage, budget, tmp_path / "whole.safetensors", tmp_path / "whole.jsonl", CPU)
    stops = {4, 10, 15}
    broken = Interrupted(stage.batches, stage.held_out, CPU)
    state = tmp_path / "broken.safetensors"
    for _ in stops:
        with pytest.raises(KilledError):
            train(broken, budget, state, tmp_path / "broken.jsonl", CPU)
    resumed = train(broken, budget, state, tmp_path / "broken.jsonl", CPU)
    assert resumed.config.num_hidden_layers == 2
    for (name, ours), theirs in zip(resumed.named_parameters(), whole.parameters(), strict=True):
        assert torch.equal(ours, theirs), name
    lines = [read_log(tmp_path / f"{run}.jsonl") for run in ("whole", "broken")]
    losses = [[line["loss"] for line in run if "loss" in line] for run in lines]
    assert losses[0] == losses[1]


def test_a_finished_run_is_restored_and_goes_on_with_a_larger_budget(
    corpus: Corpus, tokenizer: PreTrainedTokenizerBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, state = small_stage(corpus, tokenizer, monkeypatch), tmp_path / "run.safetensors"
    with pytest.raises(FileNotFoundError, match="no saved training"):
        restored(stage, state)
    model = train(stage, Budget(tokens=256 * 6), state, tmp_path / "run.jsonl", CPU)
    for ours, theirs in zip(restored(stage, state).parameters(), model.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert saved_progress(state).step == 6
    train(stage, Budget(tokens=256 * 8), state, tmp_path / "run.jsonl", CPU)
    assert saved_progress(state).step == 8


def test_a_run_from_published_weights_counts_on_where_their_curve_ends(
    corpus: Corpus, tokenizer: PreTrainedTokenizerBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = small_stage(corpus, tokenizer, monkeypatch)
    state, log = tmp_path / "teacher.safetensors", tmp_path / "teacher.jsonl"
    train(stage, Budget(steps=4), state, log, CPU)
    publish(restored(stage, state), tokenizer, tmp_path / "published" / "teacher")
    record = {"stages": {"teacher": merged(read_log(log))}}
    (tmp_path / "published" / "curves.json").write_text(json.dumps(record), encoding="utf-8")
    state.unlink()

    curves = published_record(tmp_path / "published")["stages"]
    assert (list(curves), published_record(tmp_path)["stages"]) == (["teacher"], {})
    earlier = curves["teacher"]
    asked: list[int] = []
    monkeypatch.setattr(stage, "start", tmp_path / "published" / "teacher")
    monkeypatch.setattr(Batches, "__call__", spied(Batches.__call__, asked))
    train(stage, Budget(steps=3), state, log, CPU, earlier=earlier)

    progress = saved_progress(state)
    assert asked == [4, 5, 6]  # not the batches that the published weights have seen
    assert (progress.step, progress.earlier_step) == (7, 4)
    assert progress.tokens == earlier[-1]["tokens"] + 3 * 256
    assert read_log(log)[: len(earlier)] == earlier
    train(stage, Budget(tokens=5 * 256), state, log, CPU, earlier=earlier)
    assert saved_progress(state).step == 9
    assert [line["step"] for line in read_log(log)] == sorted(line["step"] for line in read_log(log))


def spied(call: Callable[..., Batch], steps: list[int]) -> Callable[..., Batch]:
    """`call` of `Batches`, which also writes down the number of every batch that is asked for."""

    def written_down(batches: Batches, step: int, length: int, share: float = 0.15) -> Batch:
        steps.append(step)
        return call(batches, step, length, share)

    return written_down


def test_bfloat16_is_used_where_the_processor_multiplies_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for able in (True, False):
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda able=able: able)
        with pretrain.half_precision(CPU):
            product = torch.ones(2, 2) @ torch.ones(2, 2)
        assert product.dtype == (torch.bfloat16 if able else torch.float32)
    assert pretrain.multiplies_bfloat16(torch.device("cuda"))


FAULTS = """
import resource, sys
from training.memory import keep_memory
if sys.argv[1:]:
    assert keep_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
before = faults()
for _ in range(20):
    bytearray(64_000_000)
print(faults() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no such setting")
def test_kept_memory_is_not_cleared_again_and_again() -> None:
    given_back, kept = (
        int(subprocess.run([sys.executable, "-c", FAULTS, *switch], capture_output=True, check=True, text=True).stdout)
        for switch in ([], ["kept"])
    )
    pages = 64_000_000 // resource.getpagesize()
    assert given_back > 19 * pages
    assert kept < 3 * pages


def test_a_training_takes_the_cores_that_its_equals_leave_free(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", chosen.append)
    cores = SharedCores()
    cores.cores = 4
    for busy, expected in ((0.0, 4), (1.2, 3), (3.9, 1), (9.0, 1)):
        cores.before = (100.0, 50.0)
        monkeypatch.setattr(cores, "times", lambda busy=busy: (110.0, 50.0 + 10 * busy))
        cores.adapt()
        assert chosen.pop() == expected


def test_distillation_brings_the_student_nearer_to_its_teacher(
    corpus: Corpus, tokenizer: PreTrainedTokenizerBase, teacher: BertForMaskedLM, tmp_path: Path
) -> None:
    batches = Batches(corpus, tokenizer, 256, seed=1)
    stage = Distillation(teacher, batches, [], CPU, pace=Pace(peak=3e-3))

    def distance(model: nn.Module) -> float:
        return sum(float(stage.losses(model, step, 0.0)[0]["soft"].detach()) for step in range(8))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.distil.LENGTHS", ((0.0, 32),))
        patch.setattr(Distillation, "watch", lambda self, model: {})
        before = distance(student_of(teacher))
        student = train(stage, Budget(steps=55), tmp_path / "s.safetensors", tmp_path / "s.jsonl", CPU)
        after = distance(student)
    assert after < before
    assert {"loss", "soft", "mlm", "cosine"} <= set(json.loads((tmp_path / "s.jsonl").read_text().splitlines()[-1]))


@pytest.mark.parametrize("side", ["teacher", "student"])
def test_a_published_checkpoint_loads_whole_and_answers_alike(
    side: str, teacher: BertForMaskedLM, tokenizer: PreTrainedTokenizerBase, tmp_path: Path
) -> None:
    model = teacher if side == "teacher" else student_of(teacher)
    publish(model, tokenizer, tmp_path)
    loaded, report = AutoModelForMaskedLM.from_pretrained(tmp_path, output_loading_info=True)
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".safetensors"}
    assert loaded.dtype == torch.float32
    for ours, theirs in zip(loaded.parameters(), model.parameters(), strict=True):
        assert torch.equal(ours, theirs.half().float())
    read = AutoTokenizer.from_pretrained(tmp_path)
    encoding = read("The RIVER runs [MASK] now", return_offsets_mapping=True)
    assert encoding["input_ids"] == tokenizer("the river runs [MASK] now")["input_ids"]
    assert read.mask_token_id in encoding["input_ids"]
    assert ("token_type_ids" in encoding) == (side == "teacher")
    assert read.model_max_length == 512
    assert encoding["offset_mapping"][1] == (0, 3)
    assert encoding.word_ids()[1] == 0


def test_fine_tuning_learns_both_sides_on_the_same_batches(
    teacher: BertForMaskedLM, tokenizer: PreTrainedTokenizerBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(teacher, tokenizer, tmp_path / "teacher")
    publish(student_of(teacher), tokenizer, tmp_path / "student")
    examples = [Labelled("the river runs" if label else "salt and rust", None, label) for label in [0, 1] * 20]
    recipe = finetune.TaskRecipe(
        source="made up",
        labels=("negative", "positive"),
        head=AutoModelForSequenceClassification,
        read=lambda data, part: examples,
        encode=encode_labelled,
        parts=("train", "dev"),
        length=16,
        epochs=16,
        batch_size=8,
        peak=2e-3,
    )
    encoded = encode_labelled(tokenizer, examples, 16)
    batches = {}
    for side in ("teacher", "student"):
        stage = FineTuning(recipe, tmp_path / side, {16: encoded}, encoded, CPU)
        model = train(stage, stage.budget(), tmp_path / f"{side}.safetensors", tmp_path / f"{side}.jsonl", CPU)
        assert stage.watch(model)["held_out_accuracy"] == 1.0
        assert model.config.id2label == {0: "negative", 1: "positive"}
        batches[side] = [stage.batch(step, 16).tolist() for step in range(10)]
    assert batches["teacher"] == batches["student"]


def test_an_epoch_holds_every_example_once_with_like_lengths_together() -> None:
    lengths = np.random.default_rng(0).integers(3, 60, 1_000).tolist()
    batches = bucketed_order(lengths, 32, seed=0, epoch=0)
    assert sorted(number for batch in batches for number in batch) == list(range(1_000))
    spread = np.mean([np.ptp(np.array(lengths)[batch]) for batch in batches])
    assert spread < 5 < np.ptp(lengths)


def test_bootstrap_interval_of_a_mean_agrees_with_its_standard_error() -> None:
    right = (np.arange(400) % 4 > 0).astype(float)
    row = estimate(mean_of(right, np.ones(400)), 400)
    error = math.sqrt(0.75 * 0.25 / 400)
    assert row["value"] == 0.75
    assert row["n"] == 400
    assert row["high"] - row["low"] == pytest.approx(2 * 1.96 * error, rel=0.1)
    assert (bootstrap_weights(7).sum(1) == 7).all()


def test_the_ablation_is_held_against_the_student_on_the_same_sequences(
    corpus: Corpus, tokenizer: PreTrainedTokenizerBase, teacher: BertForMaskedLM, tmp_path: Path
) -> None:
    half = np.arange(10) % 2 == 0
    corpus = replace(corpus, source=np.where(half, 0, 9).astype(np.uint8), held_out=np.arange(10) > 3)
    teacher = deepcopy(teacher)  # one that often says the most frequent piece, and so is right now and then
    with torch.no_grad():
        teacher.cls.predictions.bias[int(np.bincount(corpus.tokens).argmax())] += 3
    torch.manual_seed(5)
    other = DistilBertForMaskedLM(student_of(teacher).config)
    folders = {side: tmp_path / side for side in (*SIDES, ABLATION)}
    for model, folder in zip((teacher, student_of(teacher), other), folders.values(), strict=True):
        publish(model, tokenizer, folder)
    rows, pairs = evaluate_fill_mask(corpus, folders, CPU)
    value = {(row["metric"], row["side"]): row["value"] for row in rows}
    together = {row["metric"]: row for row in pairs}
    for metric in ("top1", "top5"):
        adds = together[f"distillation_adds:{metric}"]
        assert adds["value"] == pytest.approx(value[metric, "student"] - value[metric, ABLATION], abs=2e-5)
        assert adds["low"] <= adds["value"] <= adds["high"]
    text = ablation({"rows": rows, "pairs": pairs})[-1]
    assert text.splitlines()[2].startswith("| perplexity | ")
    assert f"| {100 * together['distillation_adds:top1']['value']:+.1f} (" in text

    same = evaluate_fill_mask(corpus, folders | {ABLATION: folders["student"]}, CPU)[1]
    adds = [row for row in same if row["metric"].startswith("distillation_adds")]
    assert {(row["value"], row["low"], row["high"]) for row in adds} == {(0, 0, 0)}


def test_kappa_of_a_textbook_table() -> None:
    """20 both yes, 15 both no, 5 and 10 split: observed 0.7, expected 0.5, kappa 0.4."""
    first = np.array([1] * 20 + [1] * 5 + [0] * 10 + [0] * 15)
    second = np.array([1] * 20 + [0] * 5 + [1] * 10 + [0] * 15)
    assert kappa(first, second, np.arange(50), 50)(np.ones((1, 50)))[0] == pytest.approx(0.4)
    assert kappa(first, first, np.arange(50), 50)(np.ones((1, 50)))[0] == pytest.approx(1.0)


def test_curves_forget_what_a_killed_run_did_after_its_last_state() -> None:
    def line(step: int, loss: float) -> dict[str, float]:
        return {"step": step, "tokens": step * 10, "seconds": step, "layers": 3, "rate": 0.1, "loss": loss}

    lines = [line(1, 9.0), line(2, 8.0), line(3, 7.0), line(2, 8.5), line(3, 7.5)]
    assert [each["loss"] for each in after_restarts(lines)] == [9.0, 8.5, 7.5]
    assert [point["loss"] for point in merged(lines, most=2)] == [8.75, 7.5]
    drawing = svg({"teacher": merged(lines)})
    assert drawing.count("<polyline") == 1
    assert "teacher" in drawing
    both = [line(1, 1.5) | {"task": 1.0, "shared_pieces": 0.5}, line(2, 0.9) | {"task": 0.6, "shared_pieces": 0.3}]
    drawing = svg({"sentence-pair-teacher": merged(both, most=1)})
    assert drawing.count("<polyline") == 2
    assert "shared-pieces" in drawing
    assert merged(both, most=1)[0] | line(2, 1.2) | {"task": 0.8, "shared_pieces": 0.4} == merged(both, most=1)[0]


def written(folder: Path, stages: dict[str, Any], evaluation: dict[str, Any]) -> Path:
    """A folder of published records."""
    folder.mkdir()
    curves = {"settings": {"tokens_a_pass": 18, "device": "two abaci"}, "stages": stages}
    (folder / "curves.json").write_text(json.dumps(curves), encoding="utf-8")
    (folder / "evaluation.json").write_text(json.dumps(evaluation), encoding="utf-8")
    return folder


def test_a_stage_that_was_not_run_again_keeps_its_published_curve(tmp_path: Path) -> None:
    old, new = ({"step": 1, "tokens": 9, "seconds": 1.0, "layers": 3, "rate": 0.1, "loss": loss} for loss in (2.0, 1.0))
    folder = written(tmp_path / "published", {"entities-teacher": [old], "teacher": [old]}, {"rows": [], "pairs": []})
    state = tmp_path / "state"
    state.mkdir()
    for stage in ("entities-teacher", "entities-student"):
        (state / f"{stage}.jsonl").write_text(json.dumps(new) + "\n", encoding="utf-8")
    settings = {
        "published": [],
        "task_data": [],
        "table": [],
        "tokens_by_source": {},
        "tokens_a_pass": 9,
        "device": "an abacus",
    }
    publish_records(state, folder, settings)
    record = published_record(folder)
    assert list(record["stages"]) == ["teacher", "entities-teacher", "entities-student"]
    assert (record["settings"]["tokens_a_pass"], record["settings"]["device"]) == (18, "an abacus")
    last = {stage: points[-1]["loss"] for stage, points in record["stages"].items()}
    assert last == {"teacher": 2.0, "entities-teacher": 1.0, "entities-student": 1.0}


def test_tasks_that_were_not_measured_again_keep_their_rows_but_for_the_probes(tmp_path: Path) -> None:
    def rows(value: float, *named: tuple[str, str]) -> list[dict[str, Any]]:
        return [{"task": task, "metric": metric, "value": value} for task, metric in named]

    fill, pair = ("fill-mask", "top1"), ("sentence-pair", "accuracy")
    stale = {
        "rows": rows(0.1, fill, pair, ("fill-mask", "probes"), ("sentence-pair", "probes")),
        "pairs": rows(0.1, ("fill-mask", "kappa"), ("sentence-pair", "kappa"), ("sentence-pair", "share_kept:f1")),
    }
    path = written(tmp_path / "published", {}, stale) / "evaluation.json"
    measured = (rows(0.9, pair), rows(0.9, ("sentence-pair", "kappa")))
    write_evaluation([measured, (rows(0.9, ("fill-mask", "probes"), ("sentence-pair", "probes")), [])], path)
    record = json.loads(path.read_text(encoding="utf-8"))
    kept = rows(0.1, fill) + rows(0.9, pair, ("fill-mask", "probes"), ("sentence-pair", "probes"))
    assert record["rows"] == kept
    assert record["pairs"] == rows(0.1, ("fill-mask", "kappa")) + rows(0.9, ("sentence-pair", "kappa"))


def test_late_tokens_are_those_of_all_parts_with_long_sequences() -> None:
    lengths = {100: 128, 200: 512, 300: 128, 450: 128, 500: 512}
    assert late_tokens([{"tokens": tokens, "length": length} for tokens, length in lengths.items()]) == 100 + 50
    assert late_tokens([{"tokens": 100}]) == late_tokens([]) == 0


def test_student_class_is_distilbert(teacher: BertForMaskedLM) -> None:
    student = student_of(teacher)
    assert isinstance(student, DistilBertForMaskedLM)
    assert student.config.n_layers == 6
