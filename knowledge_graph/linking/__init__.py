"""Which nodes a text speaks of."""
