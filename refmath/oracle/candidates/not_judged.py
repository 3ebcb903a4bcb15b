"""What could not be judged at all, and why."""

from __future__ import annotations


class NotJudged(Exception):
    """The candidate could not be judged at all: the message says why, in a sentence."""


class NotSupported(NotJudged):
    """The program says itself that it does not compute this formula."""
