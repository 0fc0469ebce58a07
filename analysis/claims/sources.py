"""Who makes the claims, besides the figures in `analysis/literature.py`."""

from __future__ import annotations

from analysis.literature import Source, paper

ABSTRACT = paper("abstract")
STUDENT = paper("section 3, student architecture")
DATA = paper("section 3, data and compute power")
ON_DEVICE = paper("section 4.1, on device computation")
MODEL_CARD = Source(
    "Model card of distilbert-base-uncased",
    "model description",
    "https://huggingface.co/distilbert/distilbert-base-uncased",
)
GUIDE = Source(
    "Modelbit, DistilBERT model guide",
    "overview and architecture",
    "https://www.modelbit.com/model-hub/distilbert-model-guide",
)
REVIEW = Source("Best Best Reviews, DistilBERT", "cons", "https://www.bestbest.reviews/review/distilbert")
OVERVIEW = Source(
    "BytePlus, challenges of using DistilBERT", "performance limitations", "https://www.byteplus.com/en/topic/400597"
)
