"""Who is with whom: couples, invitations, blocks, former couples and the rules of contact."""
