"""Accounts, passwords, sessions, rate limits and the server's keys."""
