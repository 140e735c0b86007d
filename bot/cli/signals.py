"""What ends a command from outside."""

from __future__ import annotations


class Terminated(KeyboardInterrupt):
    """SIGTERM: the command ends in good order, as with Ctrl-C, and takes no more input."""
