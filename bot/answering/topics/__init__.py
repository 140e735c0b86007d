"""Whether a release is about a topic, a short text in French or English, and the sentence that shows it."""

from __future__ import annotations

from bot.answering.topics.matcher import TopicMatch, TopicMatcher
from bot.answering.topics.measures import TopicSet

__all__ = ["TopicMatch", "TopicMatcher", "TopicSet"]
