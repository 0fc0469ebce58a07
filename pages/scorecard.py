"""Whether the student can replace the teacher for this task: four numbers with rules, and where the two disagree."""

from dashboard.frame import current_question
from dashboard.scorecard.disagreements import where_they_disagree
from dashboard.scorecard.score_rows import score_rows

question = current_question()

*_, same = score_rows(question)
where_they_disagree(question, same)
