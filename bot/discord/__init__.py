"""Relays questions and answers between Discord and the chain: slash commands, mentions, replies, direct messages.

Only this package knows discord.py. It is imported when the bot is run.
"""
