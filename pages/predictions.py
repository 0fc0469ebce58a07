"""What each model answers, how sure it is, and where the two part."""

from cache import predictions
from dashboard import frame
from dashboard.bench.answer_line import finding
from dashboard.page_links import link_to_page
from dashboard.predictions.heads import panel
from dashboard.predictions.tokens import tokens

question = frame.current_question()
answers = frame.answers(question)

finding(question)
panel(answers, question.example)
tokens(question.sides.map(lambda checkpoint: predictions.tokens(checkpoint, question.example)))
link_to_page("Models")
