"""Deliveries of inbox items to channels outside the app."""
