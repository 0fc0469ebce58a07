"""The recipe that made `checkpoints/`: a small BERT, the DistilBERT distilled from it, and their fine-tuned heads."""
