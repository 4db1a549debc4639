"""A word that a person typed and that cannot be what it should be."""

SHOWN_CHARACTERS = 40
"""How much of it is shown."""


class WordFault(ValueError):
    """A word cannot be what it should be; the text says what would be right."""
