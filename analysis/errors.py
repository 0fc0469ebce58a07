"""What a page shows to the reader where it cannot show what was asked for."""


class AnalysisError(Exception):
    """What a user can cause; its text is a finished sentence for the page."""


class SeveralWindows(AnalysisError):
    """What is asked looks inside a model, and the text is longer than that reads at once."""
