"""Which layer of the student corresponds to which layer of the teacher, and how sure that is."""

from dashboard import address
from dashboard.frame import current_question
from dashboard.similarity.tabs import TABS

address.tabs(TABS, "similarity_tab", current_question())
