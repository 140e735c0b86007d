"""The adapter for browsers and for programs: pages, an HTTP API, and the server that answers on the loopback."""
