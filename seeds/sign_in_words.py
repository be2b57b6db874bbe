"""The 1,024 words of sign-in names (three words) and of check words, which partners compare aloud.

Two people read check words to each other on a bad line, and one types a sign-in name from memory. So the words are
plain, short and friendly; no two sound alike, and none is another's plural. Their number is a power of two, so a word
is exactly ten random bits. A word may be replaced at any time for new names; existing names stay valid.
"""

from pathlib import Path

_FILE = Path(__file__).parent / "words.txt"

WORDS: tuple[str, ...] = tuple(_FILE.read_text(encoding="ascii").split())
