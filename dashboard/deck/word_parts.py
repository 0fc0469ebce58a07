"""Parts of the pages Attributions and Similarity that a report has no section for."""

from __future__ import annotations

from analysis.errors import AnalysisError
from analysis.inputs.probe_corpus import probe_sentences
from analysis.inputs.tasks import MASK, TASKS
from analysis.models.pairs import Checkpoint, Sides
from analysis.progress import Progress
from analysis.similarity.summary import steps
from cache import attribution as remembered
from cache import similarity
from cache.similarity import LayerComparison
from dashboard.address import Choice
from dashboard.attribution.layers import METHOD, layer_table
from dashboard.charts import similarity as charts
from dashboard.charts import word_drift as drift_charts
from dashboard.charts.attribution import layer_map
from dashboard.deck.attention_parts import traces_of
from dashboard.export.similarity import drift_table, fine_tuning_table, logit_lens_table, plane_table, within_table
from dashboard.report.choices import chosen, number
from dashboard.report.finding import Figure, FindingRequest, Section, Table, of_figure
from dashboard.report.why_section import explained
from dashboard.similarity.controls import GRANULARITY, SPECIAL, SPECIAL_TOKENS
from dashboard.similarity.finetuning import PRETRAINED
from dashboard.similarity.word_drift import shared_words
from dashboard.ui.figures import drawn
from dashboard.ui.theme import SHORT


def score_flow(request: FindingRequest, progress: Progress) -> Section:
    """Through which words the score of an answer flows, layer by layer."""
    flow = remembered.layer_flow(explained(request), METHOD)
    figure = Figure(
        "score-flow", "Share of each word, by layer", drawn(layer_map, flow), Table("score-flow", layer_table(flow))
    )
    reading = "Each row is a layer, 0 the embeddings. Green speaks for the answer, purple against it."
    return of_figure(figure, flow.finding, reading)


def word_drift(request: FindingRequest, progress: Progress) -> Section:
    """How far each word has moved between the models."""
    traces = traces_of(request)
    if len({one.hidden_states.shape[2] for one in traces}) > 1:
        raise AnalysisError("The models differ in width, so no cosine between their words can be computed.")
    words, layers = shared_words(traces), tuple(_matched(request, progress))
    moved = similarity.drift(request.question.sides, request.example, layers)
    drawing = drawn(drift_charts.drift_map, moved, words)
    figure = Figure("word-drift", "How far each word moved", drawing, Table("word-drift", drift_table(moved, words)))
    reading = "The brighter, the less a word has moved between the models: 1 is the same direction, 0 unrelated."
    return of_figure(figure, "", reading)


def word_plane(request: FindingRequest, progress: Progress) -> Section:
    """The words of one layer of each model in one plane."""
    traces, nearest = traces_of(request), _matched(request, progress)
    words = shared_words(traces)
    last = Sides(nearest[-1], len(nearest) - 1)
    layers = Sides(
        *(_layer(request, side, len(one.hidden_states), last[side]) for side, one in traces.items()),
    )
    plane = similarity.plane(request.question.sides, request.example, layers)
    title = f"The words of teacher layer {layers.teacher} and student layer {layers.student}"
    table = Table("word-plane", plane_table(plane, words))
    figure = Figure("word-plane", title, drawn(drift_charts.plane_map, plane, words), table)
    reading = "A line joins a word in both models; a short line is a word that both place alike."
    return of_figure(figure, "", reading)


def logit_lens(request: FindingRequest, progress: Progress) -> Section:
    """What each layer of each model would already answer."""
    example = request.example
    if not TASKS[example.task].needs_mask:
        raise AnalysisError(f"The logit lens reads each layer at {MASK}, which only the task Fill-mask has.")
    mask = number(request.choices, "lens_mask", 1, example.text.count(MASK)) - 1
    lenses = similarity.logit_lenses(request.question.sides, example, mask)
    table = Table("logit-lens", logit_lens_table(lenses))
    drawing = drawn(charts.logit_lens_ranks, lenses)
    figure = Figure("logit-lens", "Rank of the final answer in each layer", drawing, table)
    reading = "The model's own head reads each layer's state at the mask. Rank 1 is the likeliest of all word pieces."
    return of_figure(figure, "", reading)


def fine_tuning(request: FindingRequest, progress: Progress) -> Section:
    """How far fine-tuning moved each layer from the pre-trained checkpoint."""
    task, known = request.example.task, request.question.pair.checkpoints
    if task == PRETRAINED or PRETRAINED not in known:
        raise AnalysisError("Fine-tuning shows only in a task that the pair was fine-tuned for.")
    maps = Sides(
        *(
            similarity.layer_maps(_comparison(request, before, after, Sides(PRETRAINED, task)), progress).across
            for before, after in zip(known[PRETRAINED], known[task], strict=True)
        )
    )
    table = Table("fine-tuning", fine_tuning_table(maps))
    drawing = drawn(charts.fine_tuning_similarity, maps)
    figure = Figure("fine-tuning", "Similarity of each layer before and after", drawing, table)
    reading = "The lower, the more fine-tuning changed a layer: 1 is unchanged. Bars are 95% CI."
    return of_figure(figure, "", reading)


def within(request: FindingRequest, progress: Progress) -> Section:
    """Each model's layers against one another, by debiased CKA over the probe corpus."""
    sides, task = request.question.sides, request.example.task
    comparison = _comparison(request, sides.teacher, sides.student, Sides(task, task))
    both = similarity.layer_maps(comparison, progress).within
    figures = tuple(
        Figure(
            f"within-{side}",
            f"Layers of the {side} among themselves",
            drawn(charts.layer_map, one, SHORT[side], SHORT[side], nearest=False),
            Table("", {}),
            wide=False,
        )
        for side, one in both.items()
    )
    table = Table("within", within_table(both), "Every two layers of one model")
    reading = "In a yellow block, each layer changes little about the representation of the one before."
    return Section("within", "Within each model", steps(both), figures=figures, tables=(table,), reading=reading)


def _comparison(request: FindingRequest, one: Checkpoint, other: Checkpoint, tasks: Sides[str]) -> LayerComparison:
    """Two checkpoints over the corpus, as the page Similarity compares them."""
    granularity, special = chosen(request.choices, GRANULARITY), chosen(request.choices, SPECIAL)
    return LayerComparison(Sides(one, other), tasks, probe_sentences(), granularity, SPECIAL_TOKENS[special])


def _matched(request: FindingRequest, progress: Progress) -> list[int]:
    """The teacher layer that each student layer is most similar to."""
    sides, task = request.question.sides, request.example.task
    comparison = _comparison(request, sides.teacher, sides.student, Sides(task, task))
    return [max(int(layer), 0) for layer in similarity.layer_maps(comparison, progress).across.nearest]


def _layer(request: FindingRequest, side: str, count: int, default: int) -> int:
    return int(chosen(request.choices, Choice(list(map(str, range(count))), f"{side}_layer", str(default))))
