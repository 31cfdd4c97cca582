"""What an enterprise has beside the desk: its emoji packs and the leads its cards have brought."""
