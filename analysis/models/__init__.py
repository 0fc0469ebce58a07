"""Models and what they read: pairs of checkpoints, their files, the loaded model, tokens, and one forward pass."""
