"""The model that reads a question beside a passage: where the answer stands, and whether the passage answers at all."""
