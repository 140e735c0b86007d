"""What an operator does with a store and its bot: backups, migration, sources, ingestion, metrics, evaluation."""
