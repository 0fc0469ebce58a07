"""What each model answers, how sure it is, and where the two part."""

from cache import remember as results
from dashboard import frame
from dashboard.models.architecture import architecture
from dashboard.predictions.heads import panel
from dashboard.predictions.tokens import tokens

question = frame.current_question()
predictions = frame.answers(question)

panel(predictions, question.example)
tokens(question.sides.map(lambda checkpoint: results.tokens(checkpoint, question.example)))
architecture(question.sides.map(lambda checkpoint: results.architecture(checkpoint, question.example.task)))
