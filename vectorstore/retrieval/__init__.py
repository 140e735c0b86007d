"""Finds passages again: by vectors, by words, and compared with the question subword by subword."""
