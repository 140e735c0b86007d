"""Offers the releases to assistants over the Model Context Protocol: tools that ask, search, show and list.

Only this package knows the protocol's SDK. It is imported when the server is run.
"""
