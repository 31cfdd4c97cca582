"""Which goods to suggest, with a reason whose facts exist."""
