"""What each model answers, how sure it is, and where the two part."""

from cache import remember as results
from dashboard import frame
from dashboard.predictions import answers as panels

question = frame.current_question()
predictions = frame.answers(question)

panels.prediction(predictions, question.example)
panels.tokens(question.sides.map(lambda checkpoint: results.tokens(checkpoint, question.example)))
panels.architecture(question.sides.map(lambda checkpoint: results.architecture(checkpoint, question.example.task)))
