"""The kinds of inbox items that space holds back, and the sentences that it may show."""

from __future__ import annotations

import pytest

from planner import inbox, messages
from planner.relationship.space import SENTENCES


def test_what_offers_something_new_comes_from_the_partner():
    assert set(inbox.NEW_CONTENT_KINDS) < set(inbox.FROM_PARTNER)


@pytest.mark.parametrize("sentence", [messages.text("sentences", key) for key in SENTENCES])
def test_the_sentences_speak_of_oneself_and_blame_nobody(sentence):
    assert len(sentence.split()) < 14
    assert not {"you", "your", "because", "sorry", "never", "always"} & set(sentence.lower().strip(".").split())
