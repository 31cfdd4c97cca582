"""The bench of understanding: every goal, both tiers, one command; the sets stay outside."""
