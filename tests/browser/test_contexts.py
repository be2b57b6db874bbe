"""A phone finds nothing of the phone that had its browser context before."""

from __future__ import annotations

import pytest

from tests.browser import phones
from tests.browser.contexts import Contexts


def test_the_next_phone_finds_an_empty_store_and_a_network(browser, served, couple):
    contexts = Contexts(browser, served)
    with phones.borrowed_phone(contexts, phones.DESKTOP) as phone:
        phone.sign_in(couple[0])
        phone.page.evaluate("localStorage.setItem('left', 'behind')")
        phone.context.route("**/v1/server", lambda route: route.abort())
        phone.expect_offline()  # first: a request may be under way
        phone.context.set_offline(True)
        first = phone.context
    with phones.borrowed_phone(contexts, phones.DESKTOP) as phone:
        assert phone.context is first
        phone.open("/")
        phone.link("Start").wait_for()
        assert not phone.page.evaluate("localStorage.getItem('left')")
        assert phone.page.evaluate("fetch('/v1/server').then(answer => answer.status)") == 200
        with phones.borrowed_phone(contexts, phones.DESKTOP) as other:
            assert other.context is not first


def test_a_context_with_a_clock_is_not_lent_again(browser, served):
    contexts = Contexts(browser, served)
    used = []
    with pytest.raises(AssertionError, match="fresh=True"):
        install_clock(contexts, used)
    with phones.borrowed_phone(contexts, phones.DESKTOP) as phone:
        assert phone.context not in used


def install_clock(contexts, used):
    with phones.borrowed_phone(contexts, phones.DESKTOP) as phone:
        phone.page.clock.install()
        used.append(phone.context)
