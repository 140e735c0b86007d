"""Whether a page is the release that belongs at its address, or something else stands in its place."""
