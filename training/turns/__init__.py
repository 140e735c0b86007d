"""Training of what tells kinds of turns."""
