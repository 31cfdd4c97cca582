"""What all staff pages share: log-in, the frame around each page, the look."""
