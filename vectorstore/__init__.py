"""Keeps passages of press releases and finds them again."""
