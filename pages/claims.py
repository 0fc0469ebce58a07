"""Popular claims about DistilBERT, tested on the selected pair."""

from dashboard.claims import controls, sections
from dashboard.frame import current_question

question = current_question()

sections.heading(question)
speed = sections.speed(question)
claims = sections.judged_claims(question, speed)
sections.lines(controls.of_one_verdict(claims), question.pair.title)
sections.everything(claims)
