"""One clear place for what space silences: a new table, or a new kind of item, has to say where it stands."""

from __future__ import annotations

import pytest

from planner import inbox, schema
from planner.consent.space import SENTENCES, SILENCED, UNTOUCHED


def test_every_table_is_silenced_or_is_left_alone_for_a_reason():
    tables = {table._meta.table_name for table in schema.TABLES}
    missing = tables - SILENCED.keys() - UNTOUCHED.keys()
    assert not missing, f"say in planner/consent/space.py what space does to {missing}"
    assert not SILENCED.keys() & UNTOUCHED.keys()
    assert not (SILENCED.keys() | UNTOUCHED.keys()) - tables, "a table that is no more"
    for name, why in {**SILENCED, **UNTOUCHED}.items():
        assert len(why.split()) > 2, name


def test_every_kind_of_item_is_the_partners_the_clocks_or_comes_through_always():
    kinds = [*inbox.FROM_PARTNER, *inbox.REMINDERS, *inbox.ALWAYS]
    assert sorted(kinds) == sorted(inbox.KINDS), "say in planner/inbox.py whether space holds it back"
    assert set(inbox.OFFERING) < set(inbox.FROM_PARTNER)


@pytest.mark.parametrize("sentence", SENTENCES.values())
def test_the_sentences_speak_of_oneself_and_blame_nobody(sentence):
    assert len(sentence.split()) < 14
    assert not {"you", "your", "because", "sorry", "never", "always"} & set(sentence.lower().strip(".").split())
