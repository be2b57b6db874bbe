"""Checks for schemathesis: allowed requests are accepted, and others refused.

The document cannot describe everything. These refusals are right for a request that it allows, and no failures: they
depend on what is in the database, or on two fields at once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

import schemathesis
from schemathesis.checks import CheckContext
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

_OF_THE_DATABASE = {
    "activity_not_for_party",
    "day_not_in_range",
    "day_not_in_week",
    "day_passed",
    "day_out_of_range",  # the day is after today, and today moves
    "decisions_missing",
    "message_above_pace",
    "place_above_pace",
    "not_an_agreed_date",
    "off_too_late",
    "one_slot_alone",
    "one_step_at_a_time",
    "quiet_pace_not_lower",
    "quiet_rhythm_not_calmer",
    "slot_in_the_past",
    "slot_not_offered",
    "slot_too_far",
    "slot_too_soon",
    "slot_too_soon_minutes",
    "no_time_to_answer",
    "slots_unchanged",
    "day_not_yours_to_log",
    "unknown_action",
    "unknown_activity",
    "unknown_criterion",
    "unknown_date",
    "unknown_kind",
    "unknown_plan",
    "unknown_prompt",
    "unknown_question",
    "unknown_request",
    "unknown_week",
    "year_too_far",  # the year is far after today
}
_OF_TWO_FIELDS = {
    "both_needed",
    "one_needed",
    "twice_in_list",
    "date_listed_twice",
    "ends_too_early",
    "fun_without_children",
    "interval_too_long",
    "label_of_free",
    "liked_and_disliked",
    "no_such_day",
    "off_but_going",
    "only_one",
    "only_with_said",
    "pace_for_one",
    "sentence_missing",
    "shorter_than_minimum",
    "slots_overlap",
    "time_missing",
    "title_missing",
    "whole_days_incomplete",
    "whole_days_or_time",
    "whole_days_repeat",
    "whose_birthday",
}
# A portable pattern cannot name the letters of all scripts, the days of a month, the zones of today or all common
# passwords.
_OF_THE_VALUE = {
    "common_password",
    "mixed_alphabets",
    "not_a_calendar",
    "not_a_day",
    "not_a_local_time",
    "not_a_name",
    "not_an_address",
    "not_https",
    "not_a_random_id",
    "not_a_zone",
    "not_an_instant",
    "not_an_instant_or_now",
    "not_an_interval",
    "too_many_marks",
    "year_out_of_range",
}
_KNOWN = _OF_THE_DATABASE | _OF_TWO_FIELDS | _OF_THE_VALUE
_OTHER_VERSION = (412, 428)
_LINE_ENDS = "\n\v\f\r\x85\u2028\u2029"


@schemathesis.check
def acceptance_of_allowed_requests(ctx: CheckContext, response: Response, case: schemathesis.Case) -> bool | None:
    """Fail when a request that the document allows is refused for another reason than those above."""
    if response.status_code in _OTHER_VERSION or _is_known(response):
        return None
    return positive_data_acceptance(ctx, response, case)


@schemathesis.check
def refusal_of_forbidden_requests(ctx: CheckContext, response: Response, case: schemathesis.Case) -> bool | None:
    """Fail when a request that the document forbids is accepted.

    `maxLength` counts code points, and the server counts letters. So a text with marks may be longer and still fit.
    The patterns forbid line ends in a line, and the server trims those that copying leaves around it.
    """
    texts = list(_texts([case.query, case.body]))
    if any(unicodedata.category(character) in ("Mn", "Me", "Cf") for character in "".join(texts)):
        return None
    if any(text != text.strip(_LINE_ENDS) for text in texts):
        return None
    return negative_data_rejection(ctx, response, case)


def _texts(value: object) -> Iterator[str]:
    """Yield all texts in the JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(each)


def _is_known(response: Response) -> bool:
    if response.status_code != 422:
        return False
    problem = response.json()
    if problem["reason"] == "id_taken":
        return True
    codes = {error["code"] for error in problem.get("errors", ())}
    return bool(codes) and codes <= _KNOWN
