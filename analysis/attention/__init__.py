"""Attention: maps over words, what each head does, which heads of two models match, and what ablating one does.

To read in this order: `maps` (attention over words, heads' statistics), `view` (how they are shown), `rollout`
and `answer_flow` (through all layers), `head_distances`, `head_origins` and `head_matching` (two models), `ablation`.
"""
