"""Turns a page into a release, one file per format. Pure: nothing here reads a disk or a network."""
