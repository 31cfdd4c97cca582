"""The report: one HTML file that works offline, and the page with the history."""
