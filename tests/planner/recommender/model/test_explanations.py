"""Test that each suggestion has two to four reasons, true of the activity, the reader or the couple."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given

from planner.recommender.model.explanations import COST_TEXTS, ExplanationInputs, Reason, duration_text, explain
from planner.recommender.model.feature_matrix import build
from planner.recommender.model.preference_model import PersonFeedback, Rating, Vote
from planner.recommender.model.ranking import History, rank
from planner.recommender.model.request import HardConstraints, RecommendationRequest
from seeds import vocabulary as v
from tests.cards import PLAIN, Card, asking, card, decks, easy_requests, histories, needs, person_feedback
from tests.properties import examples

NEEDS = {
    "step_free": "possible without steps",
    "seated": "can be done sitting down",
    "quiet": "possible in quiet surroundings",
    "low_vision": "works with low vision",
    "low_hearing": "works with low hearing",
}


def liked_labels(deck: list[Card], feedback: PersonFeedback) -> set[str]:
    """Return the labels, as in a sentence, of everything that the reader liked or enjoyed."""
    liked = {vote.activity for vote in feedback.votes if vote.vote == "like"}
    liked |= {date.activity for date in feedback.ratings if date.feeling == "lighter" or (date.rating or 0) >= 4}
    contents = [item.content for item in deck if item.id in liked]
    labels = {v.CATEGORY_THEMES[content.category] for content in contents}
    labels |= {v.TAGS[tag] for content in contents for tag in content.tags}
    return {plain(label) for label in labels}


def plain(label: str) -> str:
    label = label.removeprefix("Cause: ")
    return label[0].lower() + label[1:]


def words(reasons: tuple[Reason, ...]) -> dict[str, str]:
    return {reason.code: reason.text for reason in reasons}


def is_true(
    code: str, text: str, item: Card, request: RecommendationRequest, own_feedback: PersonFeedback, history: History
) -> bool:
    """Return whether a reason with this code is true."""
    activity = item.content
    labels = {plain(v.TAGS[tag]) for tag in activity.tags} | {v.CATEGORY_THEMES[activity.category]}
    alone = "new to you" if activity.party == "one" else "your first time alone"
    liked = {vote.activity for vote in own_feedback.votes if vote.vote == "like"}
    truths = {
        "match": item.id in history.matches and text == "you’re both curious",
        "liked": item.id in liked,
        "new": item.id not in history.done
        and len(history.done) >= 8
        and text == (alone if request.party == "one" else "new to the two of you"),
        "again": item.id in history.done,
        "duration": text == duration_text(activity)
        or (text.startswith("works in ") and activity.duration_min <= (request.minutes or 0) < activity.duration_max),
        "cost": text == COST_TEXTS[activity.cost_band] and (text == "free") == (activity.cost_band == 0),
        "season": len(activity.seasons) == 1 and text == f"only in {activity.seasons[0]}",
        "light": history.after_heavy
        and activity.duration_min <= 90
        and activity.energy <= 2
        and activity.setting == "out"
        and activity.category not in ("everyday", "give_back", "talk", "remember"),
        "energy": activity.energy <= 2,
        "setting": activity.setting == "home",
        "shelter": activity.shelter == "indoor",
        "children": {
            "works while children sleep": activity.setting == "home" and activity.with_children != "no",
            "works with children around": activity.with_children in ("yes", "awake"),
        }.get(text, False),
        "interest": any(tag in own_feedback.interests and plain(v.TAGS[tag]) in text for tag in activity.tags),
        "cause": any(tag in own_feedback.causes and plain(v.TAGS[tag]) in text for tag in activity.tags),
        "leaning": any(label in text for label in labels),
        "enjoyed": text.startswith("because you enjoyed ")
        and any(rating.feeling == "lighter" or (rating.rating or 0) >= 4 for rating in own_feedback.ratings),
    }
    if code == "access":
        met = [
            need for need in NEEDS if need in request.access and activity.accessibility[need] in ("yes", "adaptable")
        ]
        return text == ", ".join(NEEDS[need] for need in met) != ""
    return truths[code]


@examples(62)
@given(decks, easy_requests, person_feedback, person_feedback, histories)
def test_reasons_are_true_of_the_activity_the_feedback_and_the_history(
    deck: list[Card], request: RecommendationRequest, mine: PersonFeedback, yours: PersonFeedback, history: History
) -> None:
    persons = [mine, yours][: 1 if request.party == "one" else 2]
    for idea in rank(build(deck), request, persons, history, "seed").ideas:
        reasons = words(idea.reasons)
        assert 2 <= len(reasons) == len(idea.reasons) <= 4
        assert {"duration", "cost"} <= reasons.keys()
        for code, text in reasons.items():
            assert is_true(code, text, idea.card, request, mine, history), (code, text)
        if "leaning" in reasons:
            named = reasons["leaning"].removeprefix("like others you’ve liked: ")
            known = liked_labels(deck, mine)
            assert named in known | {f"{first}, {second}" for first in known for second in known}


@examples(37)
@given(decks, easy_requests, person_feedback, person_feedback, person_feedback, needs, histories)
def test_reasons_never_depend_on_the_partners_private_data(
    deck: list[Card],
    request: RecommendationRequest,
    mine: PersonFeedback,
    yours: PersonFeedback,
    instead: PersonFeedback,
    partner_needs: HardConstraints,
    history: History,
) -> None:
    """The same item has the same reasons, with any votes, feedback and profile of the partner."""
    matrix = build(deck)
    # With a slate as large as the deck, both worlds show everything that fits.
    here = rank(matrix, request, [mine, yours], history, "seed", size=40)
    there = rank(matrix, request, [mine, instead], history, "another", size=40, others=[partner_needs])
    reasons = {idea.card.id: idea.reasons for idea in here.ideas}
    for idea in there.ideas:
        assert reasons[idea.card.id] == idea.reasons


def reasons_of(
    one: Card, mine: PersonFeedback, history: History | None = None, others: tuple[Card, ...] = ()
) -> list[tuple[str, str]]:
    ids = {other.id for other in others}
    history = replace(history or History(), excluded=ids)
    (idea,) = rank(build([one, *others]), asking(), [mine, PersonFeedback()], history, "s").ideas
    return [(one.code, one.text) for one in idea.reasons if one.code not in ("duration", "cost")]


def test_the_most_specific_reason_comes_first() -> None:
    music = card(1, category="culture", tags=("music", "art"), energy=2)
    other = card(2, category="culture", tags=("art",))
    liked = PersonFeedback([Vote(other.id, "like"), Vote(music.id, "like")], interests=frozenset({"music"}))
    neutral_reasons = [("energy", "needs little energy")]
    assert reasons_of(music, PersonFeedback()) == neutral_reasons
    assert reasons_of(music, PersonFeedback(interests=frozenset({"music"})))[0] == (
        "interest",
        "among your interests: music",
    )
    assert reasons_of(music, liked, others=(other,))[0] == ("liked", "you liked it")
    assert reasons_of(music, liked, History(matches={music.id}), (other,))[0] == ("match", "you’re both curious")
    learned = reasons_of(music, PersonFeedback([Vote(other.id, "like")]), others=(other,))
    assert learned[0][0] == "leaning"
    assert {"culture", "art"} == set(learned[0][1].removeprefix("like others you’ve liked: ").split(", "))
    enjoyed = reasons_of(music, PersonFeedback(ratings=[Rating(other.id, "lighter", 5)]), others=(other,))
    assert enjoyed[0] == ("enjoyed", "because you enjoyed Plain")


def test_no_reason_reveals_whether_the_partner_chose_the_same_cause() -> None:
    """A shared cause changes the ranking. If reasons used the same weights, "art" would appear only with it."""
    tags, cause = ("cause_nature", "art", "music"), frozenset({"cause_nature"})
    deck = [card(1, category="culture", tags=tags), card(2, category="culture", tags=tags), card(3, tags=("calm",))]
    mine = PersonFeedback([Vote(deck[1].id, "like"), Vote(deck[2].id, "pass")], causes=cause)
    history = History(excluded={deck[1].id, deck[2].id})
    same, none = (
        rank(build(deck), asking(), [mine, PersonFeedback(causes=one)], history, "s") for one in (cause, frozenset())
    )
    assert words(none.ideas[0].reasons)["leaning"]
    assert same.ideas == none.ideas


@pytest.mark.parametrize(
    ("children", "setting", "text"),
    [("asleep", "home", "works while children sleep"), (None, "home", None),
     ("present", "out", "works with children around"), ("fun", "out", "fun for children, too")],
)  # fmt: skip
def test_only_home_activities_work_while_children_sleep(children, setting, text) -> None:
    with_children = {"asleep": "asleep", None: "no"}.get(children, "yes")
    deck = [card(1, with_children=with_children, fun_for=("small",), setting=setting)]
    (idea,) = rank(build(deck), asking(children=children), [PersonFeedback(), PersonFeedback()], History(), "s").ideas
    assert words(idea.reasons).get("children") == text


def test_a_date_that_the_reader_enjoyed_is_the_reason_for_a_similar_idea() -> None:
    deck = [card(1, title="Fold dumplings", tags=("food",)), card(2, tags=("food",)), card(3, category="culture")]
    history = History(excluded={deck[0].id})
    good, bad = (PersonFeedback(ratings=[Rating(deck[0].id, feeling)]) for feeling in ("lighter", "heavier"))

    def reasons(*group: PersonFeedback) -> dict[UUID, str | None]:
        ideas = rank(build(deck), asking(), group, history, "s").ideas
        return {idea.card.id: words(idea.reasons).get("enjoyed") for idea in ideas}

    assert reasons(good, PersonFeedback()) == {deck[1].id: "because you enjoyed Fold dumplings", deck[2].id: None}
    for group in ((bad, PersonFeedback()), (PersonFeedback(), good)):
        assert set(reasons(*group).values()) == {None}


def test_a_pass_is_never_a_reason() -> None:
    other = card(2, tags=("art",))
    reasons = reasons_of(card(1, tags=("art",)), PersonFeedback([Vote(other.id, "pass")]), others=(other,))
    assert {"leaning", "liked"}.isdisjoint(code for code, _ in reasons)


@pytest.mark.parametrize(
    ("days", "text"),
    [(-3, "this week"), (0, "this week"), (6, "this week"), (7, "1 week ago"), (20, "2 weeks ago"), (59, "8 weeks ago"),
     (60, "2 months ago"), (364, "12 months ago"), (365, "1 year ago"), (900, "2 years ago")],
)  # fmt: skip
def test_a_repeated_activity_says_when_it_was_last_done(days: int, text: str) -> None:
    reasons = dict(reasons_of(card(1), PersonFeedback(), History({UUID(int=1): days})))
    assert reasons["again"] == f"last done {text}"
    assert "new" not in reasons


@pytest.mark.parametrize(
    ("least", "most", "text"),
    [(5, 5, "5 minutes"), (45, 90, "45 to 90 minutes"), (60, 60, "60 minutes"), (60, 90, "60 to 90 minutes"),
     (60, 120, "1 to 2 hours"), (90, 180, "1½ to 3 hours"), (150, 300, "2½ to 5 hours"),
     (45, 120, "45 to 120 minutes"), (120, 120, "2 hours"), (120, 180, "2 to 3 hours"), (1440, 1440, "one night"),
     (1440, 2880, "1 to 2 days"), (300, 1440, "5 to 24 hours"), (2880, 2880, "2 days"),
     (100, 170, "1½ to 3 hours"), (840, 1200, "one night"), (1200, 2160, "a night and a day"),
     (2160, 3600, "2 to 3 days")],
)  # fmt: skip
def test_durations_read_naturally(least: int, most: int, text: str) -> None:
    assert duration_text(replace(PLAIN, duration_min=least, duration_max=most)) == text


def test_a_longer_idea_says_that_it_works_in_the_time_asked_for() -> None:
    item = card(1, duration_min=30, duration_max=60)
    for minutes, text in ((30, "works in 30 minutes"), (45, "works in 45 minutes"), (60, "30 to 60 minutes")):
        reasons = {reason.code: reason.text for reason in explain(item, asking(minutes=minutes), ExplanationInputs())}
        assert reasons["duration"] == text


def test_the_params_of_a_reason_suffice_to_say_it_in_another_language() -> None:
    music = card(1, category="culture", tags=("music", "art", "calm"), accessibility={"step_free": "yes"}, cost_band=2)
    fond = PersonFeedback(interests=frozenset({"music", "art", "calm"}))
    request = asking(access=frozenset({"step_free"}))
    (idea,) = rank(build([music]), request, [fond, PersonFeedback()], History({music.id: 20}), "s").ideas
    params = {reason.code: reason.params for reason in idea.reasons}
    assert {code: next(iter(values)) for code, values in params.items()} == {
        "duration": "duration_min",
        "cost": "cost_band",
        "interest": "tags",
        "access": "features",
    }
    assert (params["interest"], params["cost"]) == ({"tags": ["music", "art"]}, {"cost_band": 2})
    again = reasons_params(music, History({music.id: 20}))
    assert (again["again"], reasons_params(music, OFTEN_OUT)["new"]) == ({"days": 20}, {"form": "two"})


OFTEN_OUT = History({UUID(int=number): 100 for number in range(100, 108)})
"""Eight activities done: from then on, it says something that one is new."""


def test_an_idea_is_called_new_to_those_who_have_done_some() -> None:
    few = History(dict(list(OFTEN_OUT.done.items())[1:]))
    assert "new" not in reasons_params(card(1), few)
    assert dict(reasons_of(card(1), PersonFeedback(), OFTEN_OUT))["new"] == "new to the two of you"


def test_light_ideas_come_first_after_a_heavy_date() -> None:
    deck = [card(1, setting="out"), card(2, setting="out", category="talk"), card(3, setting="out", duration_min=120)]
    for after_heavy in (False, True):
        history = History(after_heavy=after_heavy)
        ideas = rank(build(deck), asking(), [PersonFeedback(), PersonFeedback()], history, "s").ideas
        texts = {idea.card.id.int: words(idea.reasons).get("light") for idea in ideas}
        assert texts == {1: "something light, after a heavy one" if after_heavy else None, 2: None, 3: None}
    assert ideas[0].card.id.int == 1


def test_an_idea_of_one_season_says_so() -> None:
    assert dict(reasons_of(card(1, seasons=("autumn",)), PersonFeedback()))["season"] == "only in autumn"


def reasons_params(one: Card, history: History) -> dict[str, dict[str, object]]:
    (idea,) = rank(build([one]), asking(), [PersonFeedback(), PersonFeedback()], history, "s").ideas
    return {reason.code: reason.params for reason in idea.reasons}
