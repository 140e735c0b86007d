"""What is known of French and English, in data files: see `data/README.md`."""
