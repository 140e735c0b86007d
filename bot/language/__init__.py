"""What is known of French and English beyond single words: figures, dates, names, opposites. Pure."""
