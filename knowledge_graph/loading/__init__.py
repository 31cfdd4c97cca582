"""Records from files and feeds, row by row, with the place of every fault."""
