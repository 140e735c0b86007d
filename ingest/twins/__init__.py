"""Finds the language versions of one release. Pure: nothing here reads a store, a disk or a network.

`find.py` is the way in, and says which releases must be seen after a change.
"""
