"""The plug-in door: subscribers, webhooks, parked events."""
