"""One address in, its bytes out: politely, safely, and only where something has changed."""
