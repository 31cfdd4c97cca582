"""Fine-tuning an encoder on a trainer's own files; needs kefu[models]."""
