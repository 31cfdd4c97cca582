"""What is broken, one file a scenario."""
