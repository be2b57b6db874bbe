"""Couples, invitations, blocks, former couples and the rules of contact."""
