"""The content of Rekindle as data: activities, prompts, guides for talks, self-care plans, kinds of outside support,
and the evidence behind them.

The texts are TOML files (one folder a kind, and `evidence.toml`); `reader` turns a folder of them into
plain records, `linter` holds them to the house rules, `words` is the list that sign-in names are made of.
Standard library only, and nothing here imports from the rest of the house: an operator can check a folder of
their own with `python -m seeds.linter FOLDER` and nothing installed.
"""
