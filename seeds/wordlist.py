"""The 1,024 words that Rekindle speaks in: sign-in names of three words, and check words compared aloud.

Two people read check words to each other over a bad line, and one types a sign-in name from memory. So
the words are plain, short and friendly, none sounds like another, and none is another's plural. Their
number is a power of two: a word is exactly ten random bits. A word may be replaced at any time for new
names; names in use keep theirs.
"""

from pathlib import Path

_FILE = Path(__file__).parent / "words.txt"

WORDS: tuple[str, ...] = tuple(_FILE.read_text(encoding="ascii").split())
