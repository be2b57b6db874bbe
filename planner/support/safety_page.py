"""The text of the safety page.

A reader of the page may be afraid or watched, and has little time. So its sentences are short and promise nothing. The
page also tells what a visit leaves behind.
"""

from __future__ import annotations

from typing import NamedTuple

from planner.support import support_contacts
from planner.support.support_contacts import FOR_THE_AFRAID


class Section(NamedTuple):
    """A part of the safety page."""

    key: str
    heading: str
    lines: tuple[str, ...]


TITLE = "If you are afraid, or not sure"
LEAD = (
    "You need no account for this page, and you need not be certain. "
    "Rekindle tells no one that you read it. Your browser may still remember the visit."
)
EXIT = "Leave this page now"

NOW = Section(
    "now",
    "If you are in danger now",
    (
        "Call the emergency number of the country you are in.",
        "If you can, go where other people are: a neighbour, a shop, a station.",
    ),
)
VISIT = Section(
    "visit",
    "What this visit leaves behind",
    (
        "This page sets no cookie and runs no script. Rekindle does not write your visit into its log.",
        "Your browser's history may show it. So may a shared device, the network, or software on your phone.",
        "The link at the top takes you to another site. It does not take this page out of the history.",
        "A private window leaves less behind. A device of a friend or a library is safer.",
    ),
)
OPERATED = Section(
    "operator",
    "Who runs this server",
    (
        "The person who runs this server can see or change almost everything on it, and could capture passwords.",
        "They could also record visits to this page by other means. Often it is one of the two people.",
        "Reflections are encrypted in the database. A person who changes the software can still read them.",
        "If you are afraid of that person, plan nothing here that has to stay unseen.",
    ),
)
NO_CONTACTS = "No contacts have been entered here. The ways below work in most places."
MORE = Section(
    "more_help",
    "How to find more help",
    (
        "Ask to speak to a doctor, a nurse or a pharmacist alone. They know who helps nearby.",
        "A library or a town hall keeps lists of local services, and has a computer you can use.",
        "Search for “help for people afraid at home” or “domestic abuse helpline”, with the name of your country.",
        "Tell one person you trust. You decide what happens next, and how fast.",
    ),
)
ASK = Section(
    "questions",
    "What you can ask there",
    support_contacts.resource(FOR_THE_AFRAID).questions,
)
HERE = Section(
    "in_rekindle",
    "What you can do in Rekindle",
    (
        "The safety check shows where you are signed in and what your partner sees. Looking changes nothing.",
        "Space pauses everything at once, without a reason. No message is sent; silence may still be noticed.",
        "Leaving ends it from your side alone. Your partner will see that.",
        "Your partner may notice each of these, and react. Look first, talk to a person you trust, then choose when.",
        "Talks and counselling for two are not for couples where one is afraid of the other.",
    ),
)
