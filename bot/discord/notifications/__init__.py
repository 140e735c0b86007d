"""What the bot sends of its own accord: announcements, topics that people follow, digests, answers that came late."""
