"""Questions to the graph: what is asked, and the facts that answer it."""
