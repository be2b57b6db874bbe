"""Preferences: what may ring, when it may not, and the hour of your question. Only you see them."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, NumberChoice, StrictBoolean, Text, TimeOfDay
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from api.core.validators import InvalidValue, Length
from planner.errors import Invalid
from planner.notifications import preferences
from planner.notifications.preferences import MINUTES_BEFORE, Preferences

routes = Routes("notification_preferences")


def _channels(about: str) -> fields.List[Any]:
    return fields.List(
        Choice(enumerations.NOTIFICATION_CHANNEL),
        required=True,
        validate=Length(0, len(preferences.CHANNELS)),
        metadata={"examples": [["push"]], "description": f"{about} Empty: only in the app."},
    )


class ChannelsPut(Schema):
    """The channels of each group. Push also needs a device, and mail a confirmed address."""

    reminder = _channels("Before a date, when one is off, and afterwards; when a talk was to go on.")
    proposal = _channels("Proposals, answers to yours, and talks. Over push, at most two a week together with notes.")
    prompt = _channels("Your question of the day. It counts among the two a week.")
    note = _channels("Notes, photos, important days, requests and open answers. They count among the two a week.")


_DAY_BEFORE = {"examples": [True], "description": "Whether you are reminded on the day before a date."}
_MINUTES_BEFORE = {"examples": [60], "description": "How long before a date you are reminded again."}
_QUIET = {
    "examples": ["22:00"],
    "description": "Your devices do not ring from this hour on, in your zone. Null, like the end: at any hour.",
}
_QUIET_UNTIL = {
    "examples": ["08:00"],
    "description": "What came in quiet hours rings at their end. What is about a date that begins before then rings at"
    " once.",
}
_PROMPT_WEEKDAYS = {
    "examples": [["wednesday"]],
    "description": "On these days, at most two, your question of the day is in your inbox. Empty: on none.",
}
_PROMPT_AT = {"examples": ["19:00"], "description": "The hour of your question, in your zone."}
_CUE = {
    "examples": ["When the kettle is on, I think of one thing that you did today."],
    "description": "When and where you take a minute for it, in your own words. Only you see it.",
}


class PreferencesPut(Schema):
    """All that you choose about notifications. It replaces what you chose before."""

    channels = fields.Nested(ChannelsPut, required=True)
    day_before = StrictBoolean(required=True, metadata=_DAY_BEFORE)
    minutes_before = NumberChoice(*MINUTES_BEFORE, required=True, metadata=_MINUTES_BEFORE)
    quiet_from = TimeOfDay(required=True, allow_none=True, metadata=_QUIET)
    quiet_until = TimeOfDay(required=True, allow_none=True, metadata=_QUIET_UNTIL)
    prompt_weekdays = fields.List(
        Choice(enumerations.WEEKDAY), required=True, validate=Length(0, 2), metadata=_PROMPT_WEEKDAYS
    )
    prompt_at = TimeOfDay(required=True, metadata=_PROMPT_AT)
    cue = Text(200, required=True, allow_none=True, metadata=_CUE)

    @validates_schema
    def _check_both(self, data: dict[str, Any], **kwargs: Any) -> None:
        if (data["quiet_from"] is None) != (data["quiet_until"] is None):
            missing = "quiet_from" if data["quiet_from"] is None else "quiet_until"
            raise InvalidValue("both_needed", missing, first="quiet_from", second="quiet_until")


def _chosen() -> fields.List[Any]:
    return fields.List(EnumField(enumerations.NOTIFICATION_CHANNEL), metadata={"examples": [["push"]]})


class ChannelsOut(Schema):
    """The channels of each group."""

    reminder = _chosen()
    proposal = _chosen()
    prompt = _chosen()
    note = _chosen()


class PreferencesOut(Schema):
    """All that you chose about notifications, or the defaults."""

    channels = fields.Nested(ChannelsOut)
    day_before = fields.Boolean(metadata=_DAY_BEFORE)
    minutes_before = fields.Integer(metadata=_MINUTES_BEFORE)
    quiet_from = TimeOfDay(allow_none=True, metadata=_QUIET)
    quiet_until = TimeOfDay(allow_none=True, metadata=_QUIET_UNTIL)
    prompt_weekdays = fields.List(EnumField(enumerations.WEEKDAY), metadata=_PROMPT_WEEKDAYS)
    prompt_at = TimeOfDay(metadata=_PROMPT_AT)
    cue = fields.String(allow_none=True, metadata=_CUE)


@routes.get("/me/preferences", access=SIGNED_IN, answer=PreferencesOut())
def get_preferences(context: RequestContext) -> dict[str, Any]:
    """Read what you chose about notifications."""
    return preferences.get_own(context.viewer.id)._asdict()


@routes.put("/me/preferences", access=SIGNED_IN, body=PreferencesPut(), answer=PreferencesOut(), problems=[Invalid])
def put_preferences(context: RequestContext) -> dict[str, Any]:
    """Replace what you chose about notifications. What is on its way stays as it was."""
    return preferences.save(context.viewer.id, chosen_preferences(context.body), context.now)._asdict()


def chosen_preferences(values: dict[str, Any]) -> Preferences:
    """Return the preferences from the values of a `PreferencesPut`."""
    channels = {group: tuple(dict.fromkeys(chosen)) for group, chosen in values["channels"].items()}
    weekdays = tuple(day for day in enumerations.WEEKDAY.values if day in values["prompt_weekdays"])
    return Preferences(**{**values, "channels": channels, "prompt_weekdays": weekdays})
