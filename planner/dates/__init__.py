"""Dates: proposals with slots, answers, RSVPs and feedback."""
