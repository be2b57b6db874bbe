"""The enumerations of the API. Their words come from the planner and from the content."""

from __future__ import annotations

from api.core.enumerations import Enumeration
from planner import inbox, messages
from planner.accounts import email_addresses, security_events
from planner.calendars import busy_calendars, calendar_refresh, free_windows
from planner.couples.contact_rules import RHYTHMS
from planner.dates import important_days, recurrence, rituals, state_machine
from planner.dates.feedback import AGAIN, FEELINGS
from planner.dates.lifecycle import ANSWERS, NOT_SO
from planner.notes import notes, reactions, requests
from planner.notifications import devices, preferences
from planner.privacy import export_format, visibility_check
from planner.recommender.model import explanations, ranked_times
from planner.recommender.model.cadence import CADENCES
from planner.recommender.model.request import RELAXABLE
from planner.recommender.votes import VOTES
from planner.reflections import reflection_lock, suggestions
from planner.relationship import space
from planner.support import help_cards, plan_steps, self_care_plans
from planner.talks import talk_flow
from seeds import contacts, reader
from seeds import vocabulary as v

# People
SIDE = Enumeration("Side", ("me", "partner"), "You or your partner.")
PAIRING = Enumeration(
    "PairingState",
    ("alone", "inviting", "awaiting_confirm", "paired", "left"),
    "Where you are with pairing. left: your couple ended less than 30 days ago.",
)
INVITATION_ROLE = Enumeration("InvitationRole", ("inviter", "invitee"), "Your part in an invitation.")
INVITATION_STATE = Enumeration(
    "InvitationState",
    ("pending", "accepted", "confirmed"),
    "pending: no one has accepted it yet. accepted: the inviter has to confirm who it is.",
)
RHYTHM = Enumeration("Rhythm", RHYTHMS, "How often things come up between you two, from the calmest.")
BLOCK_TARGET = Enumeration(
    "BlockTarget",
    ("partner", "last_partner", "everybody"),
    "partner: you also leave your couple. everybody: you can no longer become a couple with anyone on this server,"
    " even after your account was deleted and brought back.",
)
BLOCKED = Enumeration("BlockedParty", ("person", "everybody"), "Whom a block covers.")
SECURITY_EVENT_KIND = Enumeration("SecurityEventKind", security_events.KINDS, "What happened to an account.")
DELETED_BY = Enumeration("DeletedBy", ("person", "operator"), "Who deleted an account: its owner or the operator.")
FEATURE = Enumeration(
    "Feature",
    (
        "availability",
        "blocks",
        "busy_calendars",
        "calendar_feeds",
        "couple_questions",
        "date_moves",
        "decks",
        "devices",
        "exports",
        "guides",
        "help",
        "important_days",
        "invitation_links",
        "matches",
        "memories",
        "own_ideas",
        "passkeys",
        "photos",
        "profiles",
        "prompts",
        "reflections",
        "rituals",
        "solo_dates",
        "someday_list",
        "space",
        "talks",
    ),
    "What a server can do.",
)
EMAIL_STATE = Enumeration(
    "EmailAddressState",
    email_addresses.STATES,
    "none: you gave no address. unconfirmed: it waits for the code that was mailed to it. refused: the mail server says"
    " that there is no such mailbox.",
)
SIGN_UP = Enumeration("SignUpState", ("open", "closed"), "Whether new people can sign up.")
IMPORT_KIND = Enumeration(
    "ImportKind",
    (
        "ideas",
        "dates",
        "self_care_plans",
        "plans",
        "notes",
        "photos",
        "reflections",
        "commitments",
        "important_days",
        "feedback",
        "hidden_memories",
        "votes",
        "profile",
        "availability",
        "checklists",
        "preferences",
        "calendars",
    ),
    "dates: past ones. plans: dates ahead.",
)
EXPORT_PART = Enumeration(
    "ExportPart",
    export_format.PARTS,
    "ordinary: what you two share, and what you received. private: what only you can see.",
)

# Activities
AUDIENCE = Enumeration("Audience", ("one", "two"), "For you alone, or for the two of you.")
ACTIVITY_AUDIENCE = Enumeration("ActivityAudience", v.PARTIES, "How many people an activity is for.")
ACTIVITY_SOURCE = Enumeration("ActivitySource", ("catalogue", "me", "partner"), "Whose idea an activity is.")
CATEGORY = Enumeration("Category", v.CATEGORIES, "The kind of an activity.")
TAG = Enumeration("Tag", v.TAGS, "A theme or a cause of an activity.")
INTEREST = Enumeration("Interest", v.INTERESTS, "A theme that a person may like.")
CAUSE = Enumeration("Cause", v.CAUSES, "A cause that a person may want to help.")
SETTING = Enumeration("Setting", v.SETTINGS, "Where an activity takes place.")
SHELTER = Enumeration("Shelter", v.SHELTERS, "Whether an activity is indoors.")
SEASON = Enumeration("Season", v.SEASONS, "A season.")
ACTIVITY_WEATHER = Enumeration("ActivityWeather", v.WEATHERS, "The weather that an activity needs.")
WEATHER = Enumeration("Weather", ("wet", "dry", "mild"), "The weather outside. mild: dry and warm.")
TIME_OF_DAY = Enumeration("TimeOfDay", v.TIMES_OF_DAY, "A part of the day.")
CADENCE = Enumeration("Cadence", CADENCES, "How often a person would like a date.")
WITH_CHILDREN = Enumeration("WithChildren", v.WITH_CHILDREN, "Whether an activity works with children.")
CHILDREN = Enumeration("Children", ("asleep", "present"), "Whether children are usually there.")
CHILDREN_ASKED = Enumeration("ChildrenAsked", ("none", "asleep", "present", "fun"), "Whether children are there then.")
CHILD_AGE = Enumeration("ChildAge", v.CHILD_AGES, "How old children are.")
LIGHT = Enumeration("Light", v.LIGHTS, "What an activity needs of the sun.")
ACCESS_FEATURE = Enumeration("AccessFeature", v.ACCESS_FEATURES, "What a person may need for hearing, sight or steps.")
ACCESS_LEVEL = Enumeration("AccessLevel", v.ACCESS_LEVELS, "How far an activity offers an access feature.")
VOTE = Enumeration("VoteValue", VOTES, "Your vote on an activity.")
REASON = Enumeration("SuggestionReasonCode", explanations.CODES, "Why an idea fits.")
LIMIT = Enumeration("RelaxableLimitName", RELAXABLE, "A limit that excludes ideas.")

# Dates
DATE_STATE = Enumeration("DateState", state_machine.STATES, "The state of a date. lapsed: it is no longer open.")
DATE_ACTION = Enumeration(
    "DateAction", dict.fromkeys(move for _, _, move in state_machine.MOVES), "What you can do with a date now."
)
DATE_ANSWER = Enumeration("DateAnswer", ANSWERS, "A no to a proposal, or a wish for another time or idea.")
SHOWN_DATE_ANSWER = Enumeration(
    "ShownDateAnswer",
    (*ANSWERS, NOT_SO, state_machine.DID_NOT_HAPPEN),
    "How a date was declined. not_so: you two had not agreed on it. did_not_happen: one of you said afterwards that it"
    " did not take place.",
)
MOVE_ACTION = Enumeration(
    "MoveAction", ("accept", "decline", "withdraw"), "What you can do with an offer to move a date."
)
DATE_LIST = Enumeration("DateList", ("all", "upcoming"), "upcoming: open or ahead, next first. all: newest first.")
REPEAT_UNIT = Enumeration("RepeatUnit", recurrence.FREQUENCIES, "How often a date repeats.")
MONTH_DAY = Enumeration(
    "RepeatMonthDay",
    recurrence.MONTH_DAYS,
    "What a monthly date repeats of its first time. day: the 14th. weekday: the second Friday. last_weekday: the last"
    " Friday.",
)
RITUAL_STATE = Enumeration(
    "RitualState", rituals.STATES, "The state of a ritual. closed: its offer was declined, withdrawn or has lapsed."
)
BUSY_CALENDAR_KIND = Enumeration(
    "BusyCalendarKind", busy_calendars.KINDS, "address: it is read again every few hours. file: it was read once."
)
BUSY_CALENDAR_STATE = Enumeration(
    "BusyCalendarState",
    busy_calendars.STATES,
    "waiting: it is read in a moment. read: the last try worked. failing: the last try failed; what was read before"
    " still counts.",
)
CALENDAR_FAULT = Enumeration("CalendarFaultKey", calendar_refresh.FAULTS, "Why a calendar could not be read.")
FEELING = Enumeration("Feeling", FEELINGS, "How you felt after a date.")
AGAIN_ANSWER = Enumeration("AgainAnswer", AGAIN, "Whether you would like to do an activity again.")

# Calendar
AVAILABILITY_KIND = Enumeration(
    "AvailabilityKind", free_windows.KINDS, "free: usually free, so these hours come first. never: not possible."
)
WEEKDAY = Enumeration("Weekday", free_windows.WEEKDAYS, "A day of the week.")
AVAILABILITY_LABEL = Enumeration("AvailabilityLabel", free_windows.LABELS, "What hours of never are for.")
FREE_TIME_REASON = Enumeration("FreeTimeReason", ranked_times.REASONS, "Why a time fits.")
FREE_TIME_CONSTRAINT = Enumeration(
    "FreeTimeConstraintName",
    ranked_times.CONSTRAINTS,
    "What of your own leaves no time. Without it, some time would fit.",
)

IMPORTANT_DAY_KIND = Enumeration(
    "ImportantDayKind", important_days.KINDS, "What an important day is. own: another one."
)
BIRTHDAY_OF = Enumeration(
    "BirthdayOf", important_days.BIRTHDAY_OF, "Whose birthday it is: yours, your partner's, or of other people."
)
IMPORTANT_DAY_STATE = Enumeration(
    "ImportantDayState",
    ("private", "offered", "agreed"),
    "private: its owner alone sees it. offered: to the partner. agreed: both see the countdown.",
)
IMPORTANT_DAY_ACTION = Enumeration(
    "ImportantDayAction",
    ("edit", "delete", "offer", "agree", "decline", "stop"),
    "What you can do with an important day now. offer, agree: want the countdown for both. decline, stop: do not.",
)

# Notes and the inbox
NOTE_KIND = Enumeration("NoteKind", notes.KINDS, "What a note is about.")
NOTE_STATE = Enumeration("NoteState", ("private", "shared", "recalled"), "Who can see a note.")
PHOTO_SIZE = Enumeration("PhotoSize", ("large", "small"), "The size of a picture.")
NOTE_ACTION = Enumeration("NoteAction", ("edit", "delete", "share", "recall"), "What you can do with a note now.")
REACTION = Enumeration(
    "ReactionName",
    reactions.REACTIONS,
    "How the receiver of a note reacted.",
    {name: messages.text("reactions", name) for name in reactions.REACTIONS},
)
REFLECTION_STATE = Enumeration(
    "ReflectionLockState",
    reflection_lock.STATES,
    "Whether a sign-in can read your reflections. new: you have written none, and your password makes their key.",
)
REFLECTION_SECRET = Enumeration("ReflectionSecret", reflection_lock.SECRETS, "What opens reflections.")
NEUTRAL_TASK = Enumeration(
    "NeutralTask",
    suggestions.TASKS,
    "A task for ten quiet minutes that asks nothing about feelings.",
    {name: messages.text("neutral_tasks", name) for name in suggestions.TASKS},
)
REQUEST_STATE = Enumeration("RequestState", requests.STATES, "The state of a request. lapsed: it got no answer.")
REQUEST_ACTION = Enumeration("RequestAction", requests.ACTIONS, "What you can do with a request now.")
REQUEST_LIST = Enumeration("RequestList", ("all", "open", "closed"), "open: those that wait for an answer.")
COMMITMENT_LIST = Enumeration("CommitmentList", ("open", "ended"), "Which commitments to list.")
QUESTION_STATE = Enumeration(
    "CoupleQuestionState",
    ("unanswered", "answered", "open"),
    "unanswered: you have not answered. answered: your answer is sealed. open: you both can read both answers.",
)
PROMPT_KIND = Enumeration("PromptKind", v.PROMPT_KINDS, "What a prompt asks about.")
GUIDE_KIND = Enumeration("GuideKind", v.GUIDE_KINDS, "What a guide is for.")
SPEAKER = Enumeration("Speaker", v.SPEAKERS, "Who speaks in a step of a guide.")
GUIDE_FOR_TWO = Enumeration(
    "GuideForTwo", tuple(guide.slug for guide in reader.guides() if guide.party == "two"), "A guide for two."
)
TALK_STATE = Enumeration(
    "TalkState",
    talk_flow.STATES,
    "preparing: it starts when both are ready. lapsed: one of you was not ready within an hour. stopped: also a pause"
    " that was not followed by a resumption.",
)
TALK_PART = Enumeration("TalkPart", talk_flow.PARTS, "What a step of a talk is.")
TALK_SPEAKER = Enumeration("TalkSpeaker", ("me", "partner", "both"), "Whose turn it is.")
TALK_ACTION = Enumeration(
    "TalkAction",
    dict.fromkeys(move for moves in talk_flow.MOVES.values() for move in moves),
    "What you can do with a talk now.",
)
TONE = Enumeration("Tone", v.TONES, "The tone of a prompt.")
ITEM_KIND = Enumeration(
    "InboxItemKind",
    inbox.KINDS,
    "What an inbox item tells you.",
    {
        name: f"{messages.text('inbox', name)} Its subject: {f'the {kind.subject}' if kind.subject else 'none'}."
        for name, kind in inbox.KINDS.items()
    },
)
SUBJECT = Enumeration("SubjectType", inbox.SUBJECTS, "What the id beside it names.")
RECEIVED_KIND = Enumeration(
    "ReceivedKind",
    ("note", "idea", "message", "request", "answer", "day"),
    "message: the message, the place or a photo of a date.",
)

DEVICE_KIND = Enumeration(
    "DeviceKind",
    devices.KINDS,
    "web_push: the push service of a browser. unified_push: one that the person chose, such as ntfy.",
)

NOTIFICATION_CHANNEL = Enumeration(
    "NotificationChannel", preferences.CHANNELS, "push: your devices. mail: your confirmed address."
)

# Space
SPACE_KIND = Enumeration(
    "SpaceKind", (space.QUIET, space.SAID), "quiet: your partner sees nothing of it. said: they see one fixed sentence."
)
SPACE_SENTENCE = Enumeration("SpaceSentenceKey", space.SENTENCES, "One of the four fixed sentences.")
HELD_KIND = Enumeration("HeldKind", ("date", "note", "idea", "request", "answer", "day"), "What is held.")
HELD_BY = Enumeration("HeldBy", ("space", "pace", "rhythm"), "What holds it: space, or your quiet pace or rhythm.")

# Help and safety
METHOD = Enumeration("RequestMethod", ("GET", "POST", "PUT", "PATCH", "DELETE"), "An HTTP method.")
FINDING_KIND = Enumeration("SafetyFindingKind", visibility_check.KINDS, "What a safety check found.")
HELP_CARD = Enumeration("HelpCardName", help_cards.CARDS, "A card with help.")
SUPPORT_KIND = Enumeration(
    "SupportKindName", (contacts.EMERGENCY, *(kind.slug for kind in reader.resources())), "A kind of outside help."
)
PLAN_STATE = Enumeration("SelfCarePlanState", self_care_plans.PLAN_STATES, "Whether its last day is over.")
PLAN_STEP_STATE = Enumeration(
    "SelfCareStepState",
    plan_steps.STATES,
    "ahead: it will be. over: its time has passed, and no one asks what you did. off: you called it off. open: it has "
    "no date, because you did not choose it or its week is a low one.",
)
CRITERION = Enumeration("CriterionName", v.CRITERIA, "What to check before you choose help.")
CRITERION_LEVEL = Enumeration("CriterionLevel", v.CRITERION_LEVELS, "How important a criterion is.")
HELP_LINK = Enumeration("HelpLinkName", ("safety", "check", "space", "pace", "leaving"), "Where a link leads.")
