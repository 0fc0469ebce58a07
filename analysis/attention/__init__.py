"""Attention: maps over words, what each head does, which heads of two models match, and what follows without one."""
