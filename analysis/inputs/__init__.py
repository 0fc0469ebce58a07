"""What models are asked: tasks, the example of one, its words, their edits, and the corpus of probe sentences."""
