"""What the bot remembers: answers, feedback, guild settings, announcements, and what language models used."""
