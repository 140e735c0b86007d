"""Finds the language versions of one release. Pure: nothing here reads a store, a disk or a network.

`find_twins` in `find.py` is the way in; `reach.py` says which releases it needs to see after a change.
"""
