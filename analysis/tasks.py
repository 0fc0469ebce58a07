"""Tasks: what a person can ask of both models. A new task is one row of `TASKS`."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.errors import AnalysisError

MASK = "[MASK]"


@dataclass(frozen=True, slots=True)
class Sample:
    """An example text to start from, with one line on what to look for in the two answers.

    `expected` is what a person would answer, as `analysis/expected.py` has it; None where people could differ.
    """

    title: str
    look_for: str
    text: str
    text_pair: str | None = None
    expected: str | tuple[str, ...] | tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One task: `fields` names the text(s) it reads, `head` is the transformers class that loads its checkpoints.

    `question` says what the models are asked; `target` says what an explanation of the answer can be about.
    """

    title: str
    question: str
    fields: tuple[str, ...]
    head: str
    target: str
    samples: tuple[Sample, ...]

    @property
    def needs_mask(self) -> bool:
        return self.head == "AutoModelForMaskedLM"

    @property
    def windowed(self) -> bool:
        """True where a long second text is read in overlapping windows instead of being refused."""
        return self.head == "AutoModelForQuestionAnswering"


NO_ENTAILMENT = ("not_entailment", "neutral", "contradiction")  # what the pairs' checkpoints call it


FILL_MASK = Task(
    title="Fill-mask",
    question="Which word piece stands where the text has [MASK]?",
    fields=("Text with [MASK]",),
    head="AutoModelForMaskedLM",
    target="a mask and one candidate for it",
    samples=(
        Sample(
            "Agreement",
            "Grammar: the verb must be plural, its tense is open.",
            "The children [MASK] playing in the garden.",
            expected=("were", "are"),
        ),
        Sample(
            "Fixed name",
            "A name leaves hardly any choice.",
            "The president of the United [MASK] spoke on Monday.",
            expected=("states",),
        ),
        Sample(
            "Everyday scene",
            "Several words fit: in which order?",
            "He opened the [MASK] and went into the house.",
            expected=("door", "gate"),
        ),
        Sample(
            "Fact of nature",
            "One word is right: how far down does each model have it?",
            "The heart pumps [MASK] through the body.",
            expected=("blood",),
        ),
        Sample(
            "Singular in sense",
            "“Everyone” takes a singular verb, and the second half sets the tense.",
            "Everyone [MASK] happy when the war ended.",
            expected=("was",),
        ),
        Sample(
            "Attraction",
            "The verb belongs to “houses”; “river” stands nearer.",
            "The houses near the river [MASK] built of stone.",
            expected=("were", "are"),
        ),
        Sample(
            "Negation",
            "Does “never” change the candidates at all?",
            "A penguin can swim, but it can never [MASK].",
            expected=("fly",),
        ),
        Sample(
            "Coreference",
            "Which person does the pronoun follow?",
            "Mary thanked her brother because [MASK] had helped her.",
            expected=("he",),
        ),
        Sample(
            "Two masks",
            "Each mask is filled on its own: do the two fit?",
            "She poured the [MASK] into a [MASK] and drank it.",
        ),
        Sample(
            "Fact",
            "A fact, not grammar: the hardest kind for a small model.",
            "The capital of France is [MASK].",
            expected=("paris",),
        ),
    ),
)

SENTIMENT = Task(
    title="Sentiment",
    question="Is the opinion of the text positive or negative?",
    fields=("Text",),
    head="AutoModelForSequenceClassification",
    target="a label, or one label against another",
    samples=(
        Sample(
            "Plain praise",
            "An easy one: both should be sure.",
            "A warm, funny and beautifully acted film.",
            expected="positive",
        ),
        Sample(
            "Negation",
            "“not … bad” turns the words around.",
            "The acting is not bad at all, and the ending is anything but dull.",
            expected="positive",
        ),
        Sample(
            "Turn at the end",
            "The first half says one thing, the last words another.",
            "It promises wit, charm and suspense, and delivers none of them.",
            expected="negative",
        ),
        Sample(
            "Concession",
            "Both poles in one sentence; the main clause decides.",
            "Although the plot makes no sense, I enjoyed every minute of it.",
            expected="positive",
        ),
        Sample("Idiom", "No single word carries the verdict.", "I kept looking at my watch.", expected="negative"),
        Sample(
            "What might have been",
            "Praise for a film that was not made.",
            "It could have been a masterpiece.",
            expected="negative",
        ),
        Sample(
            "Twice the same phrase",
            "Two halves alike but for “not”; the second decides.",
            "Its heart is in the right place, but its script is not.",
            expected="negative",
        ),
        Sample(
            "Sarcasm",
            "Praise on the surface only.",
            "Just what the world needed: another three hours of talking robots.",
            expected="negative",
        ),
        Sample(
            "Rare word",
            "The verdict hangs on a word of many pieces.",
            "An unwatchable, saccharine travesty.",
            expected="negative",
        ),
        Sample(
            "Neutral",
            "Neither label fits: how sure are they all the same?",
            "The film opens on Friday and runs for two hours.",
        ),
    ),
)

ENTITIES = Task(
    title="Named entities",
    question="Which names of people, places and organisations does the text hold?",
    fields=("Text",),
    head="AutoModelForTokenClassification",
    target="a stretch of the text and its entity type",
    samples=(
        Sample(
            "Newsroom",
            "Common names in their usual places.",
            "Angela Merkel met the president of France in Berlin on Tuesday.",
            expected=(("Angela Merkel", "person"), ("France", "place"), ("Berlin", "place")),
        ),
        Sample(
            "Ambiguous name",
            "A person, a place or an organisation?",
            "Washington said that Washington had never been to Washington.",
        ),
        Sample(
            "Person or company",
            "The same word twice, in two roles.",
            "Ford drove his Ford to the Ford plant in Detroit.",
        ),
        Sample(
            "Long name",
            "One entity of many words, with “of” and “and” inside.",
            "The Bank for Reconstruction and Development of Eastern Europe opened an office in Paris.",
            expected=(
                ("Bank for Reconstruction and Development of Eastern Europe", "organisation"),
                ("Paris", "place"),
            ),
        ),
        Sample(
            "Lower case",
            "Without capitals, the context must do.",
            "i think john moved from london to new york last may.",
            expected=(("john", "person"), ("london", "place"), ("new york", "place")),
        ),
        Sample(
            "Rare name",
            "Names in many pieces.",
            "Ngozi Okonjo-Iweala flew from Ouagadougou to Reykjavik.",
            expected=(("Ngozi Okonjo-Iweala", "person"), ("Ouagadougou", "place"), ("Reykjavik", "place")),
        ),
        Sample("No name", "Nothing to find here.", "The weather was mild and the streets were quiet.", expected=()),
    ),
)

QUESTION_ANSWERING = Task(
    title="Question answering",
    question="Which stretch of the context answers the question?",
    fields=("Question", "Context"),
    head="AutoModelForQuestionAnswering",
    target="where the answer starts, where it ends, or both",
    samples=(
        Sample(
            "Plain",
            "The answer stands next to the question's own words.",
            "When was the bridge opened?",
            "The bridge was designed by Clara Holt. It was opened in 1932 and repainted twice since.",
            expected=("1932",),
        ),
        Sample(
            "Distractor",
            "Two years in the text: only one fits the question.",
            "When did the old mill burn down?",
            "The old mill was built in 1790. A fire destroyed it in 1854, and the new mill was finished in 1861.",
            expected=("1854",),
        ),
        Sample(
            "Paraphrase",
            "The question uses other words than the context.",
            "Who wrote the novel?",
            "The book made its author, Ines Duarte, famous overnight, although critics had ignored her earlier poems.",
            expected=("Ines Duarte",),
        ),
        Sample(
            "Coreference",
            "“She” must be followed back to a name.",
            "Who discovered the comet?",
            "Maria studied mathematics before she turned to astronomy. One clear night she discovered a comet.",
            expected=("Maria",),
        ),
        Sample(
            "Two of a kind",
            "Two people, two places: keep them apart.",
            "Where does Tom live?",
            "Anna lives in Oslo and works in Bergen, while her brother Tom lives in Malmö and works in Copenhagen.",
            expected=("Malmö",),
        ),
        Sample(
            "Reason",
            "“Because” marks the answer.",
            "Why was the school closed?",
            "The school was closed in 1998 because there were too few pupils.",
            expected=("too few pupils", "there were too few pupils", "because there were too few pupils"),
        ),
        Sample(
            "Three sentences",
            "The answer stands in the last of them.",
            "What is the name of the ship?",
            "The expedition left Bergen in June 1893. It had food for five years and thirteen men. Its ship, the Fram, "
            "was built to be frozen into the ice.",
            expected=("Fram", "the Fram"),
        ),
        Sample(
            "No answer",
            "The context does not say: models that must answer, answer all the same.",
            "What colour is the door?",
            "The house has three windows, a tall chimney and a garden with old apple trees.",
            expected=("no answer",),
        ),
    ),
)

SENTENCE_PAIR = Task(
    title="Sentence pair",
    question="How does the second text relate to the first? (Entailment: it follows, or answers the question.)",
    fields=("First text", "Second text"),
    head="AutoModelForSequenceClassification",
    target="a label, or one label against another",
    samples=(
        Sample(
            "Answers",
            "The second text holds the answer.",
            "Where was the treaty signed?",
            "The treaty was signed in Vienna in 1815.",
            expected="entailment",
        ),
        Sample(
            "Same topic",
            "Many shared words, yet no answer.",
            "Where was the treaty signed?",
            "The treaty ended a war that had lasted for many years.",
            expected=NO_ENTAILMENT,
        ),
        Sample(
            "Wrong kind",
            "A place is asked for and a date is given.",
            "In which city was she born?",
            "She was born on a rainy morning in March 1902.",
            expected=NO_ENTAILMENT,
        ),
        Sample(
            "Paraphrase",
            "The answer comes in other words.",
            "Who founded the company?",
            "Two brothers from Turin set the firm up in a garage.",
            expected="entailment",
        ),
        Sample(
            "Pronoun",
            "“He” must be read as the name; the date alone is the answer.",
            "When did Mozart die?",
            "He died in December 1791 at the age of 35.",
            expected="entailment",
        ),
        Sample(
            "Few shared words",
            "It answers, though most of its words are others.",
            "Where do storks spend the winter?",
            "Most storks fly to Africa in autumn and return in March.",
            expected="entailment",
        ),
        Sample(
            "Other question",
            "“Museum” and “open” are shared, but this answers another question.",
            "When did the museum open?",
            "The museum is open every day except Monday.",
            expected=NO_ENTAILMENT,
        ),
        Sample(
            "Negation",
            "One small word turns it around.",
            "A man is sleeping on a bench.",
            "A man is not sleeping.",
            expected=NO_ENTAILMENT,
        ),
        Sample(
            "Follows",
            "True whenever the first is true.",
            "Two children are playing football in the park.",
            "Children are outside.",
            expected="entailment",
        ),
        Sample(
            "Word overlap",
            "The same words in another order.",
            "The lawyer paid the doctor.",
            "The doctor paid the lawyer.",
            expected=NO_ENTAILMENT,
        ),
    ),
)

TASKS: dict[str, Task] = {
    "fill-mask": FILL_MASK,
    "sentiment": SENTIMENT,
    "entities": ENTITIES,
    "question-answering": QUESTION_ANSWERING,
    "sentence-pair": SENTENCE_PAIR,
}


def task_named(key: str) -> Task:
    """The task of that key, or an `AnalysisError` that says which there are."""
    if key not in TASKS:
        raise AnalysisError(f"There is no task called “{key}”; there are {', '.join(TASKS)}.")
    return TASKS[key]
