"""Turns sources of press releases into stored passages."""
