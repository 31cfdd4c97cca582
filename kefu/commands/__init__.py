"""The commands of `kefu`, a file each; what a command works with is imported when it runs, so that help is instant."""
