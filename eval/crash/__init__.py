"""The crash harness: kills, full disks and lost databases under load; then all that was told is compared."""
