"""Appreciation notes, private until their author shares one, and the prompt of the day."""
