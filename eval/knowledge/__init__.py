"""The bench of knowledge: vectors, the graph at scale, linking, retrieval and places, each against its goal."""
