"""Quality and speed, measured beside baselines; not installed."""
