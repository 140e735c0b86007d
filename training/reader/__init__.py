"""Trains the reader: the model that reads a question beside a passage."""
