"""The pluggable bot layer: understand, retrieve, recommend, decide, reply, hand off."""
