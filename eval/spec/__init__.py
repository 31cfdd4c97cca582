"""The suite file: its grammar, its kinds of work, and how it is read with file:line for every fault."""
