"""What people do with cards: they press a button while it lives, and leave their details with consent."""
