"""The version of Rekindle, which pyproject.toml has, too. `python wsgi.py --version` imports nothing more."""

VERSION = "0.1.0"
