"""The whole chat and group system. It knows no bot; others use `messaging_core.api`, `.errors` and `.client` only."""
