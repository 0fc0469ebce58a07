"""What is said about DistilBERT, and what of it can be measured on the chosen pair."""

from dashboard.claims import sections as panels
from dashboard.frame import current_question

question = current_question()

panels.heading(question)
measured = panels.speed(question)
found = panels.verdicts(question, measured)
panels.summary(found)
panels.cards(found)
panels.everything(found)
