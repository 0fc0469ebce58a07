"""Popular claims about DistilBERT, tested on the selected pair."""

from dashboard.claims import sections
from dashboard.frame import current_question

question = current_question()

sections.heading(question)
speed = sections.speed(question)
claims = sections.judged_claims(question, speed)
sections.summary(claims)
sections.cards(claims)
sections.everything(claims)
