"""The one exception a page shows to the reader."""


class AnalysisError(Exception):
    """What a user can cause; its text is a finished sentence for the page."""
