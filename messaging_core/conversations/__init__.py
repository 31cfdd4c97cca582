"""Direct, group and service conversations: members, roles, read cursors."""
