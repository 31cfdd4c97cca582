"""From a commit to the sockets: feeds, catching up, presence, typing, the sweep."""
