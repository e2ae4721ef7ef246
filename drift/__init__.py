"""Checks whether Chinese retweets still say what the English post said."""

__version__ = "0.1.0"
