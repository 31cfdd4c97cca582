"""What can be judged: a model in this process, a bot, a server, somebody else's bot. One port, one file each."""
