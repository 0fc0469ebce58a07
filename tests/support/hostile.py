"""Texts that break careless code: what people paste, and what nobody should."""

from hypothesis import strategies

HOSTILE = (
    "שלום עולם, مرحبا بالعالم!",  # right to left
    "\u202eevil\u202c \u2066isolated\u2069 \u200fmarked\u200e",  # bidirectional controls
    "👩\u200d👩\u200d👧\u200d👦 and 🏳\ufe0f\u200d🌈, 🇫🇷🇩🇪!",  # joined emoji, flags
    "Z\u0310\u0311\u0312\u0313\u0351\u0300\u0301a\u0300\u0301\u0302l\u0327\u0328go \u0301 ,\u0301.",  # stacks of marks
    "Straße, STRASSE, ẞ and İstanbul, ısı, ﬁne, ǅ",  # letters that change length with their case
    "co\u00adoperation \u00ad \u200b zero\u200bwidth \ufeff",  # soft hyphens and other invisible characters
    "漢字かな交じり文、한국어 각 가\u1100\u1161 中文。",  # ideographs, syllables whole and in parts
    "豈\U0002f800\U0002b820\U0002b920\U0002ceb0",  # compatibility ideographs, blocks that tokenizers disagree on
    "x" * 500 + " " + "ab" * 300 + ".",  # longer than any word piece model reads
    "nul\x00nul \x00 \x01\x02\x7f\x85 bell\x07 tab\tnew\r\nline\x0b\x0c\x1c",
    "a\u00a0b\u1680c\u2000d\u2009e\u2028f\u2029g\u202fh\u205fi\u3000j",  # every kind of space
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»“”‘’…–—¿¡§¶·†‡•‰′″",
    "[CLS] [SEP]x[PAD][UNK] [ MASK] [mask] [MASK [[SEP]] [CLS]]",  # special tokens and their look-alikes
    "a\u1fefb a\u037eb a\u212ab a\u2126b a\ufffdb",  # canonical decompositions into punctuation and letters
    "\u0378\ue000\U0010ffff\ufdd0 \u08e2 \u061d \U00013430 \U0001fae8",  # unassigned, private, or new to Unicode
    "don't re-read U.S.A.'s 3.14% @home #tag http://a.b/c?d=e&f",
    "<script>alert(1)</script> :red[x] $x$ [a](http://b) \\n %s {0}",
)

_ATOMS = (
    *" \t\n.,!'’\"-[]()@#$%_",
    *"aAzZéÉßİı漢か한ａ",
    *"\u0301\u0327\u200b\u200d\u00ad\u2066\x00\x01\x85\u2028\u3000\ufeff\ufffd\u1fef\u0378\ue000\u061d\u08e2",
    *("[MASK]", "[SEP]", "[CLS]", "[ MASK]", "[mask]", "the", "Paris", "x" * 150, "👩\u200d👧", "שלום", "مرحبا"),
)

CHARACTERS = strategies.characters(exclude_categories=("Cs",))
TEXTS = strategies.lists(strategies.sampled_from(_ATOMS) | CHARACTERS, max_size=30).map("".join)
