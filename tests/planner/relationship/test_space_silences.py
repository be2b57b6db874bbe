"""The kinds of inbox items that space holds back, and the sentences that a person can choose."""

from __future__ import annotations

import pytest

from planner import inbox, messages
from planner.relationship.space import SENTENCES


def test_all_new_content_kinds_come_from_the_partner():
    assert set(inbox.NEW_CONTENT_KINDS) < set(inbox.FROM_PARTNER)


@pytest.mark.parametrize("sentence", [messages.text("sentences", key) for key in SENTENCES])
def test_the_sentences_are_short_and_do_not_blame(sentence):
    assert len(sentence.split()) < 14
    assert not {"you", "your", "because", "sorry", "never", "always"} & set(sentence.lower().strip(".").split())
