"""The content of Rekindle as data: activities, prompts, guides, self-care plans, support resources and evidence.

The texts are TOML files, one folder for each kind, and `evidence.toml`. `reader` reads a folder of them into plain
records, `linter` checks them against the content rules, and `sign_in_words` holds the words of sign-in names.

Standard library only, and no imports from the rest of the project. An operator can check a folder with `python -m
seeds.linter FOLDER` and nothing installed.
"""
