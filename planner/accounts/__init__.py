"""Who a person is: the account, its password, sessions, rate limits and the server's keys."""
