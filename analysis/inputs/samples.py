"""Example texts for each task; they are chosen by measurement (`benchmarks/examples.py`), the first is the default."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """An example text to start from, with one line on what to look for in the two answers.

    `expected` is what a person would answer, as `analysis/predictions/correctness.py` has it; None where people could
    differ.
    """

    title: str
    look_for: str
    text: str
    text_pair: str | None = None
    expected: str | tuple[str, ...] | tuple[tuple[str, str], ...] | None = None


NO_ENTAILMENT = ("not_entailment", "neutral", "contradiction")  # what the pairs' checkpoints call it

FILL_MASK = (
    Sample(
        "Opposite",
        "The second direction has to differ from the first.",
        "She looked to the left and then to the [MASK].",
        expected=("right",),
    ),
    Sample(
        "Mirror image",
        "The same sentence with the other direction: does the answer turn with it?",
        "She looked to the right and then to the [MASK].",
        expected=("left",),
    ),
    Sample(
        "Attraction",
        "The verb belongs to “windows”; “house” stands nearer.",
        "The windows of the old house [MASK] broken.",
        expected=("were", "are"),
    ),
    Sample(
        "Negation",
        "“Could not” rules out one word, “violin” suggests another.",
        "The man with the violin could not sing, but he could [MASK].",
        expected=("play", "dance", "speak"),
    ),
    Sample(
        "Coreference",
        "Which person does the pronoun follow?",
        "My aunt sold the house because [MASK] needed the money.",
        expected=("she",),
    ),
    Sample(
        "Who thanks whom",
        "“Her” can only be Anna: who is left to thank her?",
        "Anna helped Tom, and [MASK] thanked her.",
        expected=("he", "tom"),
    ),
    Sample(
        "Distractor",
        "“Fish” stands near, but what barks is far away.",
        "The fisherman sold the fish and bought a [MASK] that barks all night.",
        expected=("dog",),
    ),
    Sample(
        "Capital",
        "A fact, not grammar: the hardest kind for a small model.",
        "Madrid is the capital of [MASK].",
        expected=("spain",),
    ),
    Sample(
        "Calendar",
        "Does the number help, or only the word “year”?",
        "A year has twelve [MASK].",
        expected=("months",),
    ),
    Sample(
        "Two masks",
        "Each mask is filled on its own: do the two fit?",
        "She cut the [MASK] with a [MASK].",
    ),
)

SENTIMENT = (
    Sample(
        "Negation",
        "“Dull” and “spoil” sound like blame; “cannot” and “lovely” decide.",
        "Even the dull scenes cannot spoil this lovely film.",
        expected="positive",
    ),
    Sample(
        "Plain praise",
        "An easy one: both should be sure.",
        "A gripping story, told with wit and played with heart.",
        expected="positive",
    ),
    Sample(
        "Sarcasm",
        "The first words praise; the rest says what is missing.",
        "Brilliant idea: a thriller without any thrills.",
        expected="negative",
    ),
    Sample(
        "Anything but",
        "“Anything but” means “not at all”.",
        "The second half is anything but dull.",
        expected="positive",
    ),
    Sample(
        "Contrast",
        "Both poles in one sentence; the half after “but” decides.",
        "The view was beautiful, but we will never stay there again.",
        expected="negative",
    ),
    Sample(
        "Idiom",
        "No single word carries the verdict.",
        "I checked my phone more often than the screen.",
        expected="negative",
    ),
    Sample(
        "Double negation",
        "“Could not help” is a strong yes, and “clumsy” is forgiven.",
        "I could not help loving every clumsy minute.",
        expected="positive",
    ),
    Sample(
        "Counterfactual praise",
        "A wish that did not come true: what is left unsaid?",
        "I wanted to love this film.",
        expected="negative",
    ),
    Sample(
        "Rare word",
        "Nothing but words of many pieces.",
        "Effervescent, incandescent, unmissable.",
        expected="positive",
    ),
    Sample(
        "Divided opinion",
        "Neither label fits: how sure are they all the same?",
        "Some people will love it, and others will hate it.",
    ),
)

ENTITIES = (
    Sample(
        "Name and noun",
        "The same word twice: once a man, once money.",
        "Grant asked for a grant in Chicago.",
        expected=(("Grant", "person"), ("Chicago", "place")),
    ),
    Sample(
        "Newsroom",
        "Common names in their usual places.",
        "Nelson Mandela spoke in Cape Town on Monday.",
        expected=(("Nelson Mandela", "person"), ("Cape Town", "place")),
    ),
    Sample(
        "Person or company",
        "The same word in two roles: where does the company's name end?",
        "Henry Ford founded the Ford Motor Company in Detroit.",
        expected=(("Henry Ford", "person"), ("Ford Motor Company", "organisation"), ("Detroit", "place")),
    ),
    Sample(
        "Person or place",
        "A surname and a city, spelt alike.",
        "Denzel Washington spoke in Washington.",
        expected=(("Denzel Washington", "person"), ("Washington", "place")),
    ),
    Sample(
        "Company or river",
        "The first sells, the second is what the books are about.",
        "Amazon sells books about the Amazon.",
        expected=(("Amazon", "organisation"), ("Amazon", "place")),
    ),
    Sample(
        "Long name",
        "One entity of six words: where does it begin, where does it end?",
        "The United Nations High Commissioner for Refugees works in Chad.",
        expected=(("United Nations High Commissioner for Refugees", "organisation"), ("Chad", "place")),
    ),
    Sample(
        "Everyday word",
        "The first word is a woman, the last a feeling.",
        "Joy wept for joy.",
        expected=(("Joy", "person"),),
    ),
    Sample(
        "Rare name",
        "Names in many pieces.",
        "Thorvaldur Eyjolfsson lives in Akureyri.",
        expected=(("Thorvaldur Eyjolfsson", "person"), ("Akureyri", "place")),
    ),
    Sample(
        "Lower case",
        "Without capitals, the context must do.",
        "my friend sarah miller moved from boston to seattle.",
        expected=(("sarah miller", "person"), ("boston", "place"), ("seattle", "place")),
    ),
    Sample("No name", "Nothing to find here.", "Please close the window before the rain comes in.", expected=()),
)

QUESTION_ANSWERING = (
    Sample(
        "Two of a kind",
        "Two animals, two names: keep them apart.",
        "What is the cat's name?",
        "Their dog is called Rex and their cat Mimi.",
        expected=("Mimi",),
    ),
    Sample(
        "Plain",
        "The answer stands next to the question's own words.",
        "Who directed the musical?",
        "The musical was directed by Lena Brandt and staged in Portugal.",
        expected=("Lena Brandt", "by Lena Brandt"),
    ),
    Sample(
        "Negation",
        "What is denied is not the answer.",
        "When did the revolt begin?",
        "The revolt did not begin in 1812, as the book says, but in 1815.",
        expected=("1815", "in 1815"),
    ),
    Sample(
        "Distractor",
        "Three years in the text: only one fits the question.",
        "When did the factory close?",
        "The factory opened in 1921, was sold in 1950 and closed in 1983.",
        expected=("1983", "in 1983"),
    ),
    Sample(
        "Comparison",
        "“Not as tall as” has to be turned around.",
        "Who is taller?",
        "Max is not as tall as Leo.",
        expected=("Leo",),
    ),
    Sample(
        "Numbers",
        "The text never says “more”: the numbers have to be compared.",
        "Which city has more people?",
        "Ostra has 40,000 people and Velden 90,000.",
        expected=("Velden",),
    ),
    Sample(
        "Paraphrase",
        "The question uses other words than the context.",
        "What was his job?",
        "He earned his living as a baker in a small town.",
        expected=("baker", "a baker", "as a baker"),
    ),
    Sample(
        "Coreference",
        "“She” must be followed back to a name.",
        "Who broke the vase?",
        "Ben gave his sister Ida a vase. She dropped it on the way home, and it broke.",
        expected=("Ida", "his sister Ida", "sister Ida", "his sister"),
    ),
    Sample(
        "Two sentences",
        "“In the box” is not said again where the answer stands.",
        "What was in the box?",
        "The box was small, black and locked with two keys. When it was opened at last, a dead beetle lay in it.",
        expected=("a dead beetle", "dead beetle", "beetle"),
    ),
    Sample(
        "No answer",
        "The context does not say: models that must answer, answer all the same.",
        "How much did the house cost?",
        "The house was sold in May to a family from Spain.",
        expected=("no answer",),
    ),
)

SENTENCE_PAIR = (
    Sample(
        "Other words",
        "An answer that shares no word with the question.",
        "What time do the shops close?",
        "Everything shuts at six.",
        expected="entailment",
    ),
    Sample(
        "Answers",
        "The second text repeats the question's words and adds the answer.",
        "How many legs does a spider have?",
        "Spiders have eight legs.",
        expected="entailment",
    ),
    Sample(
        "Wrong number",
        "A number is given, but not the one that is asked for.",
        "How heavy is the bell?",
        "The bell was cast in 1640.",
        expected=NO_ENTAILMENT,
    ),
    Sample(
        "Born or died",
        "The right person and a year, but of another event.",
        "When was the king born?",
        "The king died in 1547.",
        expected=NO_ENTAILMENT,
    ),
    Sample(
        "Roles",
        "The same words, but mother and child have changed places.",
        "Who was the mother of the queen?",
        "The queen was the mother of three sons.",
        expected=NO_ENTAILMENT,
    ),
    Sample(
        "Reason",
        "No “because”: the cause has to be seen in what happened.",
        "Why did the bridge collapse?",
        "Rust had weakened the bridge for years.",
        expected="entailment",
    ),
    Sample(
        "Pronoun",
        "“She” must be read as the name.",
        "When did Cleopatra die?",
        "She died in 30 BC.",
        expected="entailment",
    ),
    Sample(
        "Other question",
        "One word apart, and that word is asked about.",
        "What is the capital of the north?",
        "The capital of the south is Port Mary.",
        expected=NO_ENTAILMENT,
    ),
    Sample(
        "Follows",
        "Two statements: whoever sells, sells to somebody who buys.",
        "Peter sold his car to Mary.",
        "Mary bought a car from Peter.",
        expected="entailment",
    ),
    Sample(
        "Negation",
        "Two statements: one small word makes the second deny the first.",
        "The shop is open.",
        "The shop is not open.",
        expected=NO_ENTAILMENT,
    ),
)
