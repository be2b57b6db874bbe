from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from planner.people import pacing
from planner.people.pacing import BUDGET, FIRST_CEILINGS, RHYTHMS

START = datetime(2026, 11, 23, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)

rhythms = st.sampled_from(RHYTHMS)
instants = st.integers(0, 200 * 24).map(lambda hours: START + timedelta(hours=hours))


@given(rhythms, rhythms)
def test_the_calmer_rhythm_is_one_of_the_two_whoever_chose_it(one: str, other: str) -> None:
    found = pacing.calmer(one, other)
    assert found in (one, other)
    assert found == pacing.calmer(other, one)
    assert pacing.calmer(found, one) == pacing.calmer(found, other) == found


def test_apart_is_calmer_than_steady_and_steady_than_together() -> None:
    assert pacing.calmer("together", "apart") == pacing.calmer("steady", "apart") == "apart"
    assert pacing.calmer("together", "steady") == "steady"


def test_a_calmer_rhythm_never_allows_more_nor_starts_closer() -> None:
    allowed = [BUDGET[rhythm] for rhythm in RHYTHMS]
    for calm, next_one in pairwise(allowed):
        assert all(less <= more for less, more in zip(calm, next_one, strict=True))
    ceilings = [FIRST_CEILINGS[rhythm] for rhythm in RHYTHMS]
    assert ceilings == sorted(ceilings)


def test_the_budget_is_the_one_that_was_promised() -> None:
    assert {rhythm: tuple(allowance) for rhythm, allowance in BUDGET.items()} == {
        "together": (5, 20, 70), "steady": (1, 3, 7), "apart": (1, 1, 2)
    }  # fmt: skip
    assert timedelta(days=7) == pacing.WINDOW


@given(st.lists(st.integers(1, 5), min_size=1))
def test_the_pace_of_a_couple_is_the_lower_ceiling(ceilings: list[int]) -> None:
    assert pacing.couple_pace(ceilings) == sorted(ceilings)[0]


@given(st.integers(1, 6), st.lists(instants, max_size=12), instants)
def test_a_budget_opens_at_the_first_moment_with_a_place_left(
    most: int, releases: list[datetime], now: datetime
) -> None:
    def counting(at: datetime) -> int:
        return sum(release > at for release in releases)

    opens = pacing.opens_at(most, releases, now)
    assert opens >= now
    assert counting(opens) < most
    if opens > now:
        assert counting(opens - MOMENT) >= most


@given(st.integers(1, 4), st.lists(st.integers(0, 72), min_size=1, max_size=60))
def test_whoever_acts_as_early_as_allowed_never_exceeds_the_window(most: int, waits: list[int]) -> None:
    acts: list[datetime] = []
    now = START
    for hours in waits:
        now = pacing.opens_at(most, [at + pacing.WINDOW for at in acts], now + timedelta(hours=hours))
        acts.append(now)
    for at in acts:
        assert sum(at - pacing.WINDOW < one <= at for one in acts) <= most


@given(st.lists(instants, max_size=2), instants)
def test_up_to_two_invitations_close_nothing(made: list[datetime], now: datetime) -> None:
    assert pacing.invitation_opens_at(made, now) == now


@given(st.lists(instants, min_size=3, max_size=3), instants)
def test_three_invitations_within_thirty_days_close_it_for_sixty_days_after_the_third(
    made: list[datetime], now: datetime
) -> None:
    first, _, third = sorted(made)
    within = third - first < 30 * DAY
    assert pacing.invitation_opens_at(made, now) == (max(now, third + 60 * DAY) if within else now)


@given(st.lists(st.integers(0, 400), min_size=4, max_size=20), st.randoms())
def test_whoever_invites_as_early_as_allowed_has_sixty_days_of_quiet_after_each_three(waits: list[int], random) -> None:
    made: list[datetime] = []
    now = START
    for hours in waits:
        shuffled = random.sample(made, len(made))
        now = pacing.invitation_opens_at(shuffled, now + timedelta(hours=hours))
        made.append(now)
    for first, third, fourth in zip(made, made[2:], made[3:], strict=False):
        assert third - first >= 30 * DAY or fourth - third >= 60 * DAY


@given(st.lists(instants, max_size=8), instants)
def test_what_was_made_ninety_days_ago_decides_nothing_any_more(made: list[datetime], now: datetime) -> None:
    assume(all(at <= now for at in made))
    recent = [at for at in made if at > now - 90 * DAY]
    assert pacing.invitation_opens_at(recent, now) == pacing.invitation_opens_at(made, now)


def test_exactly_thirty_days_apart_is_not_within_thirty_days() -> None:
    made = [START, START + 10 * DAY, START + 30 * DAY]
    assert pacing.invitation_opens_at(made, made[2]) == made[2]
    made[2] -= MOMENT
    assert pacing.invitation_opens_at(made, made[2]) == made[2] + 60 * DAY
