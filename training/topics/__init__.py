"""Fits what tells whether a release is about a topic."""
