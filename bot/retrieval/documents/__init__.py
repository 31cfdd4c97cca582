"""A shop's documents (manuals, policies, tables) as passages that can be found and quoted with their place."""
