"""Which layer of the student corresponds to which layer of the teacher, and how sure that is."""

from dashboard import address
from dashboard.frame import current_question
from dashboard.similarity.controls import choose, has_sentences
from dashboard.similarity.tabs import TABS

controls = choose(current_question())

if has_sentences(controls):
    address.tabs(TABS, "similarity_tab", controls)
