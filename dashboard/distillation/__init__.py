"""The page Distillation, written for readers who have never trained a model."""
