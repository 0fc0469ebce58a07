"""What the two models are made of and where they come from."""

from cache import models
from cache.loaded_models import model
from dashboard.frame import current_question
from dashboard.models.architecture import architecture
from dashboard.models.origin import origin

question = current_question()

origin(question.pair, question.sides.map(lambda checkpoint: model(checkpoint, question.example.task)))
architecture(question.sides.map(lambda checkpoint: models.architecture(checkpoint, question.example.task)))
