"""Vectors by tenant: where they are kept and how the nearest are found."""
