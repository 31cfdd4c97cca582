"""The intent-file format (read, check, write, import) and the template packs."""
