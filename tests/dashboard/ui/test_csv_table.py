"""Tables as CSV read back as they were, and never compute anything in a spreadsheet."""

import csv
import io

from dashboard.ui.csv_table import as_csv


def test_a_table_reads_back_as_it_was() -> None:
    table = {"Word": ['a,"b"', "line\nbreak", "ä [SEP]"], "Weight": [0.1234567, 1e-9, -3]}
    header, *rows = csv.reader(io.StringIO(as_csv(table)))
    assert header == ["Word", "Weight"]
    assert [word for word, _ in rows] == table["Word"]
    assert [float(weight) for _, weight in rows] == table["Weight"]


def test_a_text_that_a_spreadsheet_would_compute_is_quoted_and_numbers_are_not() -> None:
    rows = list(csv.reader(io.StringIO(as_csv({"x": ["=1+1", "+a", "-b", "@c", "d=e", -1.5]}))))
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'+a", "'-b", "'@c", "d=e", "-1.5"]
