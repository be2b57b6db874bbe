"""Photos of people: their files, and the child process that reads what they send."""
