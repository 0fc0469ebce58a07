"""What the two models are made of and where they come from."""

from cache import remember as results
from cache.loaded_models import model
from dashboard.frame import current_question
from dashboard.predictions import answers as panels

question = current_question()

panels.origin(question.pair, question.sides.map(lambda checkpoint: model(checkpoint, question.example.task)))
panels.architecture(question.sides.map(lambda checkpoint: results.architecture(checkpoint, question.example.task)))
