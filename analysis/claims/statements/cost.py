"""Claims about the student's size and speed."""

from __future__ import annotations

from analysis.claims.claim import Claim, Definition, Quotation
from analysis.claims.criteria import about, no_more_than
from analysis.claims.evidence_from import sizes, speed
from analysis.literature import (
    ABSTRACT,
    CPU_SECONDS,
    GUIDE,
    MILLION_PARAMETERS,
    ON_DEVICE,
    PHONE_FASTER_PERCENT,
    PHONE_MEGABYTES,
    paper,
)

TIMES = CPU_SECONDS.teacher / CPU_SECONDS.student
SECONDS = f"{CPU_SECONDS.student} instead of {CPU_SECONDS.teacher} s for the same texts on a CPU"
TABLE_3 = paper("table 3")

SMALLER = Claim(
    "40% smaller",
    (Quotation("reduce the size of a BERT model by 40%", ABSTRACT),),
    (
        Definition(
            "all parameters",
            "How many fewer parameters the student has, task head included.",
            sizes.smaller(lambda size: size.parameters, 1e6, "M"),
            about(40),
        ),
        Definition(
            "parameters without the task head",
            "The same for embeddings and encoder only.",
            sizes.smaller(lambda size: size.embedding_parameters + size.encoder_parameters, 1e6, "M"),
            about(40),
            reported=100 * (1 - MILLION_PARAMETERS.student / MILLION_PARAMETERS.teacher),
            reported_as=f"{MILLION_PARAMETERS.student} of {MILLION_PARAMETERS.teacher} M",
            reported_by=TABLE_3,
        ),
        Definition(
            "encoder alone",
            "The same for the layers only, which do nearly all of the computation.",
            sizes.smaller(lambda size: size.encoder_parameters, 1e6, "M"),
            about(40),
        ),
        Definition(
            "bytes on disk",
            "How much smaller the student's files are on disk.",
            sizes.smaller(lambda size: size.disk_bytes, 1e6, "MB"),
            about(40),
        ),
    ),
)

FASTER = Claim(
    "60% faster",
    (Quotation("being 60% faster", ABSTRACT),),
    (
        Definition(
            "more texts in the same time",
            "60% more would be 1.6 times as many: what the paper means.",
            speed.more_texts,
            about(60),
            reported=100 * (TIMES - 1),
            reported_as=SECONDS,
            reported_by=TABLE_3,
        ),
        Definition(
            "less time for a text",
            "60% less would be 2.5 times as fast: what “60% faster” is often taken for.",
            speed.less_time,
            about(60),
            reported=100 * (1 - 1 / TIMES),
            reported_as=SECONDS,
            reported_by=TABLE_3,
        ),
        Definition(
            "operations",
            "For comparison only: how many fewer multiplications and additions a text takes, on any machine.",
            speed.fewer_operations,
        ),
    ),
)

ON_A_DEVICE = Claim(
    "Suited to on-device use",
    (
        Quotation("we demonstrate its capabilities for on-device computations", ABSTRACT),
        Quotation(
            "suitable for environments with computational or memory constraints, like mobile or edge devices", GUIDE
        ),
    ),
    (
        Definition(
            "weights in memory",
            f"The student's weights take no more than the {PHONE_MEGABYTES} MB of the paper's app for a phone.",
            sizes.weight,
            no_more_than(PHONE_MEGABYTES),
            "MB",
            reported=PHONE_MEGABYTES,
            reported_by=ON_DEVICE,
        ),
        Definition(
            "weights as 8-bit integers",
            "The same after the usual compression for phones: the weights of its linear layers as whole numbers.",
            sizes.integer_weight,
            no_more_than(PHONE_MEGABYTES),
            "MB",
        ),
        Definition(
            "speed",
            "How many more texts than the teacher in the same time, on this machine in place of a phone.",
            speed.more_texts,
            about(PHONE_FASTER_PERCENT),
            reported=PHONE_FASTER_PERCENT,
            reported_as="an iPhone 7 Plus",
            reported_by=ON_DEVICE,
        ),
        Definition(
            "speed with 8-bit integers",
            "The same with both models compressed.",
            speed.more_texts_in_integers,
            about(PHONE_FASTER_PERCENT),
        ),
        Definition(
            "memory in addition to the weights",
            "For comparison only: the peak memory of reading a text; layers run one after the other and share it.",
            speed.memory_beside_weights,
            unit="MB",
        ),
    ),
)
