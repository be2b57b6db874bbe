from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from planner.couples import contact_rules
from planner.couples.contact_rules import FIRST_MAX_PACES, QUOTAS, RHYTHMS, Decline

START = datetime(2026, 11, 23, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)

rhythms = st.sampled_from(RHYTHMS)
instants = st.integers(0, 200 * 24).map(lambda hours: START + timedelta(hours=hours))


@given(rhythms, rhythms)
def test_calmer_returns_one_of_two_rhythms_in_any_order(first: str, second: str) -> None:
    calmer = contact_rules.calmer(first, second)
    assert calmer in (first, second)
    assert calmer == contact_rules.calmer(second, first)
    assert contact_rules.calmer(calmer, first) == contact_rules.calmer(calmer, second) == calmer


def test_apart_is_calmer_than_gentle_and_gentle_than_together() -> None:
    assert contact_rules.calmer("together", "apart") == contact_rules.calmer("gentle", "apart") == "apart"
    assert contact_rules.calmer("together", "gentle") == "gentle"


def test_a_calmer_rhythm_never_allows_more_nor_starts_closer() -> None:
    allowed = [QUOTAS[rhythm] for rhythm in RHYTHMS]
    for calm, next_one in pairwise(allowed):
        assert all(less <= more for less, more in zip(calm, next_one, strict=True))
    ceilings = [FIRST_MAX_PACES[rhythm] for rhythm in RHYTHMS]
    assert ceilings == sorted(ceilings)


def test_the_quotas_of_each_rhythm() -> None:
    assert {rhythm: tuple(allowance) for rhythm, allowance in QUOTAS.items()} == {
        "together": (5, 20, 70),
        "gentle": (1, 3, 7),
        "apart": (1, 1, 2),
    }
    assert timedelta(days=7) == contact_rules.WINDOW


@given(st.integers(1, 6), st.lists(instants, max_size=12), instants)
def test_a_budget_opens_at_the_first_moment_with_something_left(
    most: int, releases: list[datetime], now: datetime
) -> None:
    def counting(at: datetime) -> int:
        return sum(release > at for release in releases)

    opens = contact_rules.opens_at(most, releases, now)
    assert opens >= now
    assert counting(opens) < most
    if opens > now:
        assert counting(opens - MOMENT) >= most


@given(st.integers(1, 4), st.lists(st.integers(0, 72), min_size=1, max_size=60))
def test_acting_as_early_as_allowed_never_exceeds_the_quota(most: int, waits: list[int]) -> None:
    acts: list[datetime] = []
    now = START
    for hours in waits:
        now = contact_rules.opens_at(most, [at + contact_rules.WINDOW for at in acts], now + timedelta(hours=hours))
        acts.append(now)
    for at in acts:
        assert sum(at - contact_rules.WINDOW < moment <= at for moment in acts) <= most


@given(st.lists(instants, max_size=2), instants)
def test_up_to_two_invitations_cause_no_wait(invited_at: list[datetime], now: datetime) -> None:
    assert contact_rules.next_invitation_at(invited_at, now) == now


@given(st.lists(instants, min_size=3, max_size=3), instants)
def test_three_invitations_in_thirty_days_cause_a_wait_of_sixty_days(invited_at: list[datetime], now: datetime) -> None:
    first, _, third = sorted(invited_at)
    within = third - first < 30 * DAY
    assert contact_rules.next_invitation_at(invited_at, now) == (max(now, third + 60 * DAY) if within else now)


@given(st.lists(st.integers(0, 400), min_size=4, max_size=20), st.randoms())
def test_inviting_as_early_as_allowed_waits_sixty_days_after_each_three(waits: list[int], random) -> None:
    invited_at: list[datetime] = []
    now = START
    for hours in waits:
        shuffled = random.sample(invited_at, len(invited_at))
        now = contact_rules.next_invitation_at(shuffled, now + timedelta(hours=hours))
        invited_at.append(now)
    for first, third, fourth in zip(invited_at, invited_at[2:], invited_at[3:], strict=False):
        assert third - first >= 30 * DAY or fourth - third >= 60 * DAY


@given(st.lists(instants, max_size=8), instants)
def test_invitations_older_than_ninety_days_do_not_count(invited_at: list[datetime], now: datetime) -> None:
    assume(all(at <= now for at in invited_at))
    recent = [at for at in invited_at if at > now - 90 * DAY]
    assert contact_rules.next_invitation_at(recent, now) == contact_rules.next_invitation_at(invited_at, now)


def test_exactly_thirty_days_between_invitations_cause_no_wait() -> None:
    invited_at = [START, START + 10 * DAY, START + 30 * DAY]
    assert contact_rules.next_invitation_at(invited_at, invited_at[2]) == invited_at[2]
    invited_at[2] -= MOMENT
    assert contact_rules.next_invitation_at(invited_at, invited_at[2]) == invited_at[2] + 60 * DAY


@pytest.mark.parametrize(
    ("asked", "counts", "openly", "quietly"),
    [
        (1, 3, contact_rules.LOWER_FOR_BOTH, contact_rules.LOWER_PRIVATELY),
        (2, 3, contact_rules.LOWER_FOR_BOTH, contact_rules.LOWER_PRIVATELY),
        (3, 3, contact_rules.UNCHANGED, None),
        (4, 3, contact_rules.REQUEST_RAISE, None),
        (5, 3, None, None),
        (1, 1, contact_rules.UNCHANGED, None),
        (2, 1, contact_rules.REQUEST_RAISE, None),
        (3, 1, None, None),
        (5, 5, contact_rules.UNCHANGED, None),
        (4, 5, contact_rules.LOWER_FOR_BOTH, contact_rules.LOWER_PRIVATELY),
        (5, 4, contact_rules.REQUEST_RAISE, None),
    ],
)
def test_a_pace_can_go_down_or_up_one_step_but_never_up_quietly(asked, counts, openly, quietly):
    assert contact_rules.pace_choice(asked, counts, quietly=False) == openly
    assert contact_rules.pace_choice(asked, counts, quietly=True) == quietly


@pytest.mark.parametrize(
    ("asked", "counts", "openly", "quietly"),
    [
        ("apart", "apart", contact_rules.UNCHANGED, None),
        ("gentle", "apart", contact_rules.REQUEST_RAISE, None),
        ("together", "apart", contact_rules.REQUEST_RAISE, None),
        ("apart", "gentle", contact_rules.LOWER_FOR_BOTH, contact_rules.LOWER_PRIVATELY),
        ("gentle", "gentle", contact_rules.UNCHANGED, None),
        ("together", "gentle", contact_rules.REQUEST_RAISE, None),
        ("apart", "together", contact_rules.LOWER_FOR_BOTH, contact_rules.LOWER_PRIVATELY),
        ("gentle", "together", contact_rules.LOWER_FOR_BOTH, contact_rules.LOWER_PRIVATELY),
        ("together", "together", contact_rules.UNCHANGED, None),
    ],
)
def test_a_rhythm_can_get_calmer_but_never_livelier_quietly(asked, counts, openly, quietly):
    assert contact_rules.rhythm_choice(asked, counts, quietly=False) == openly
    assert contact_rules.rhythm_choice(asked, counts, quietly=True) == quietly


def test_a_quiet_choice_can_only_lower_the_own_view():
    assert [contact_rules.own_pace(3, quiet) for quiet in (None, 1, 2, 3, 4)] == [3, 1, 2, 3, 3]
    assert [contact_rules.own_rhythm("gentle", quiet) for quiet in (None, "apart", "gentle", "together")] == [
        "gentle",
        "apart",
        "gentle",
        "gentle",
    ]


def days(*numbers: float) -> list[datetime]:
    return [START + number * DAY for number in numbers]


def declines(*numbers):
    return [Decline(at) for at in days(*numbers)]


@pytest.mark.parametrize(
    ("refusals", "cleared", "until"),
    [
        ([], None, None),
        ([0], None, None),
        ([0, 3], None, 17),
        ([3, 0], None, 17),
        ([0, 100], None, 114),  # in a row, although the first was long ago
        ([0, 3, 20], None, 110),
        ([0, 3, 59], None, 149),
        ([0, 3, 60], None, 74),  # exactly sixty days are not within sixty days
        ([0, 30, 70], None, 84),
        ([0, 30, 70, 80], None, 170),
        ([0, 3], 0, None),  # cleared after the first
        ([0, 3], 2, None),
        ([0, 3], 3, None),
        ([0, 3], 5, None),
        ([0, 3, 6], 1, 20),
        ([0, 3, 6], 3, None),
        ([0, 1, 2, 30], 3, None),
        ([0, 1, 2, 30, 32], 3, 46),
    ],
)
def test_refusals_in_a_row_make_the_sender_wait(refusals, cleared, until):
    waits_until = contact_rules.cooldown_until(declines(*refusals), None if cleared is None else START + cleared * DAY)
    assert waits_until == (None if until is None else START + until * DAY)


@given(st.lists(st.integers(0, 300), max_size=8), st.integers(0, 300), st.integers(0, 300))
def test_refusals_that_the_contact_log_no_longer_reads_cause_no_wait_of_three(refusals, cleared, today):
    now = START + today * DAY
    past = [at for at in days(*refusals) if at <= now]
    read = [at for at in past if at > now - contact_rules.LOOK_BACK]
    whole, short = (contact_rules.cooldown_until(map(Decline, times), START + cleared * DAY) for times in (past, read))
    # Of two refusals, the first may be older than the log reads. Half a year apart, they are not in a row.
    if len(read) >= 2 or len(past) == len(read):
        assert (whole if whole and whole > now else None) == (short if short and short > now else None)


@pytest.mark.parametrize(
    ("lapses", "refusals", "until"),
    [
        ([0, 5, 10], [], None),  # three unanswered proposals are one and a half
        ([0, 5, 10, 15], [], 29),
        ([0, 5], [10], 24),
        ([0], [5], None),
        ([0, 5, 10, 15], [20], 110),
        ([0, 5, 10, 15], [70], 84),
    ],
)
def test_a_lapse_counts_half(lapses, refusals, until):
    declined = [Decline(at, 0.5) for at in days(*lapses)] + declines(*refusals)
    assert contact_rules.cooldown_until(declined, None) == (until and START + until * DAY)


def test_a_declined_activity_waits_longer_outside_of_the_rhythm_together():
    assert [
        contact_rules.activity_cooldown_until(START, rhythm) - START for rhythm in ("together", "gentle", "apart", None)
    ] == [
        14 * DAY,
        60 * DAY,
        60 * DAY,
        60 * DAY,
    ]
