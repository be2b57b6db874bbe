"""The data inventory: one row a table says what each act that reaches across rooms does to it, and why.

Erasure reads it. The code of space, leaving, exports and the safety check is in other files, and tests compare it with
this list. A table without a row, or a row that contradicts the code, fails a test that names it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import peewee

from planner.accounts.account_mails import AccountMail
from planner.accounts.accounts import Person
from planner.accounts.device_marks import DeviceMark
from planner.accounts.email_addresses import EmailAddress
from planner.accounts.instance_flags import InstanceFlag
from planner.accounts.passkeys import Passkey
from planner.accounts.rate_limits import RateLimitCounter
from planner.accounts.security_events import SecurityEvent
from planner.accounts.server_keys import ServerKey
from planner.accounts.sessions import Session
from planner.calendars.availability import AvailabilityRow
from planner.calendars.busy_calendars import BusyCalendar
from planner.calendars.busy_times import BusyTime
from planner.calendars.feeds import CalendarFeed
from planner.catalogue.activities import Activity
from planner.catalogue.prompts import Prompt
from planner.contact.contact_log import ContactEvent
from planner.contact.holds import Hold
from planner.contact.pauses import Pause
from planner.contact.received import ReceivedCopy
from planner.couples.blocks import Block, GlobalBlock
from planner.couples.couples import Couple, Member
from planner.couples.former_couples import FormerCoupleAccess
from planner.couples.invitations import Invitation
from planner.dates.dates import Date, DateText, Reschedule, SlotRow
from planner.dates.feedback import FeedbackRow
from planner.dates.rituals import Ritual, RitualDate
from planner.dates.rsvps import Rsvp
from planner.inbox import Item
from planner.notes.daily_prompt import PromptDay
from planner.notes.notes import Note, Share
from planner.notifications.deliveries import Delivery
from planner.notifications.devices import Device
from planner.notifications.preferences import PreferencesRow
from planner.privacy.restores import RestoreMark
from planner.recommender.decks import DealtCard
from planner.recommender.matches import Match
from planner.recommender.profiles import ProfileRow
from planner.recommender.recommendation_log import RecommendationRow
from planner.recommender.someday_list import SomedayItem
from planner.recommender.votes import VoteRow
from planner.storage import db
from planner.storage.leases import Lease
from planner.support.help_cards import HelpRow


class TableRow(NamedTuple):
    """How one table is treated. Each field but the first two is a decision and its reason.

    `on_space`: "held" if the partner can cause such a row, and it is held back from a person in space.
    `on_unpair`: whether leaving a couple changes rows.
    `on_erase`: the rows of `owner` are "deleted". Others are "cascaded" with the row that they belong to, or "kept"
    because they name no person, or "anonymised" because things of the partner refer to them.
    `export`: the part of an export that holds them.
    `shown_to`: the probe of the safety check that lists what others see of it, or NOBODY.
    """

    table: type[db.Model]
    owner: peewee.Field | None
    on_space: tuple[Literal["held", "unaffected"], str]
    on_unpair: tuple[Literal["changed", "unchanged"], str]
    on_erase: tuple[Literal["deleted", "cascaded", "anonymised", "former_couple_access"], str]
    export: tuple[Literal["ordinary", "private", "both", "none"], str]
    shown_to: tuple[str, str]


NOBODY = "nobody"


def _private(table: type[db.Model], owner: peewee.Field, content: str) -> TableRow:
    """Return the row of a table that only its owner reads."""
    return TableRow(
        table,
        owner,
        ("unaffected", content),
        ("unchanged", content),
        ("deleted", content),
        ("private", content),
        (NOBODY, content),
    )


def _server(table: type[db.Model], content: str) -> TableRow:
    """Return the row of a table that holds nothing of any person."""
    return TableRow(
        table,
        None,
        ("unaffected", content),
        ("unchanged", content),
        ("former_couple_access", content),
        ("none", content),
        (NOBODY, content),
    )


INVENTORY: tuple[TableRow, ...] = (
    # The server
    _server(ServerKey, "the server's secrets"),
    _server(InstanceFlag, "the operator's switches"),
    _server(Lease, "which process does the housekeeping"),
    _server(RestoreMark, "a number by which a start notices a restored backup"),
    _server(RateLimitCounter, "tries counted for an hour under a keyed digest"),
    _server(Prompt, "the catalogue's texts; a note and a day export the text of their prompt"),
    # Accounts
    TableRow(
        Person,
        None,
        on_space=("unaffected", "the partner sees the name in the couple, not the account"),
        on_unpair=("unchanged", "an account does not end with a couple"),
        on_erase=("anonymised", "a tombstone without a name, until nothing refers to it"),
        export=("both", "at the head of each part, without its hashes"),
        shown_to=("sessions", "who knows the password can sign in"),
    ),
    TableRow(
        Session,
        Session.person,
        on_space=("unaffected", "the person's own devices"),
        on_unpair=("unchanged", "a session does not end with a couple"),
        on_erase=("deleted", "a session of the person"),
        export=("private", "the devices, without their token hashes"),
        shown_to=("sessions", "who uses such a device sees everything"),
    ),
    _private(EmailAddress, EmailAddress.person, "where the person gets mail")._replace(
        shown_to=("email_address", "who reads the mailbox sees the mails, and can perhaps set a new password")
    ),
    _private(AccountMail, AccountMail.person, "mails about the account, for a few days")._replace(
        export=("none", "each went to the address, which is exported")
    ),
    _private(DeviceMark, DeviceMark.person, "the devices that wrong passwords elsewhere do not lock out")._replace(
        export=("private", "without the digests")
    ),
    _private(Passkey, Passkey.person, "the person's passkeys")._replace(
        export=("private", "without the keys"),
        shown_to=("sessions", "who can unlock such a device can sign in"),
    ),
    _private(
        SecurityEvent, SecurityEvent.person, "what happened to the person's account; a row without one is a guess"
    ),
    # The couple
    TableRow(
        Couple,
        None,
        on_space=("unaffected", "rhythm and pace of the couple, without words"),
        on_unpair=("changed", "it ends"),
        on_erase=("anonymised", "it is the partner's couple too, until both are gone"),
        export=("ordinary", "shared by the two"),
        shown_to=("couple", "the partner sees pace and rhythm"),
    ),
    TableRow(
        Member,
        Member.person,
        on_space=("held", "viewer.py shows a person in space the name that the partner had at its start"),
        on_unpair=("changed", "it ends with its couple"),
        on_erase=("anonymised", "the name stays while the partner may look back; every choice goes at once"),
        export=("private", "the person's own choices, quiet ones too"),
        shown_to=("couple", "the partner sees the name"),
    ),
    TableRow(
        Invitation,
        Invitation.inviter,
        on_space=("unaffected", "of two people who are not a couple yet"),
        on_unpair=("changed", "what is still open ends, so that nothing from before can be used"),
        on_erase=("deleted", "one that the person accepted loses their name"),
        export=("private", "made and accepted ones, each as the person saw it"),
        shown_to=("invitations", "who has the code sees the name"),
    ),
    TableRow(
        FormerCoupleAccess,
        FormerCoupleAccess.person,
        on_space=("unaffected", "of couples that ended"),
        on_unpair=("changed", "leaving writes it: thirty days to look back"),
        on_erase=("deleted", "the person's own look back"),
        export=("ordinary", "the end of the look back, with the couple"),
        shown_to=("former_couple_access", "a former partner may look back"),
    ),
    _private(Block, Block.person, "whom the person blocked; a code of either looks like a wrong one")._replace(
        on_unpair=("unchanged", "a block lasts")
    ),
    TableRow(
        GlobalBlock,
        None,
        on_space=("unaffected", "the person's own block of everyone"),
        on_unpair=("unchanged", "a block lasts"),
        on_erase=("former_couple_access", "a block outlives backups; it is a keyed digest that names no person"),
        export=("private", "with the blocks"),
        shown_to=(NOBODY, "a code looks like a wrong one"),
    ),
    # Contact
    TableRow(
        ContactEvent,
        ContactEvent.person,
        on_space=("held", "hold_sync.py derives from it what is held"),
        on_unpair=("changed", "open offers are closed"),
        on_erase=("deleted", "what the person sent"),
        export=("private", "what the person put before a partner, and when"),
        shown_to=(NOBODY, "counted for the sender's own quota"),
    ),
    TableRow(
        ReceivedCopy,
        ReceivedCopy.person,
        on_space=("held", "the receiver's own copy, behind the password; it has held items too"),
        on_unpair=("changed", "the sender's name is written into it; it stays for twelve months"),
        on_erase=("deleted", "what the person received; copies that others received are theirs"),
        export=("ordinary", "as it was received"),
        shown_to=("notes", "the receiver keeps a copy of what was shared"),
    ),
    TableRow(
        Pause,
        Pause.person,
        on_space=("held", "a person in space does not see the partner's sentence"),
        on_unpair=("changed", "it ends"),
        on_erase=("deleted", "the person's own pauses"),
        export=("private", "the person's own pauses"),
        shown_to=("space", "the partner may read a sentence"),
    ),
    _private(Hold, Hold.person, "what is held back from the person, or was dismissed")._replace(
        on_space=("held", "each row holds one thing back"),
        on_unpair=("changed", "deleted: the partner's things leave view anyway"),
        export=("none", "the words are among those received"),
    ),
    # Inbox and notifications
    TableRow(
        Item,
        Item.person,
        on_space=("held", "letterbox.py hides items that the partner caused, and reminders of unknown dates"),
        on_unpair=("changed", "what was about the two goes"),
        on_erase=("deleted", "the person's inbox"),
        export=("private", "the person's inbox as it is visible"),
        shown_to=(NOBODY, "each reads their own"),
    ),
    TableRow(
        Delivery,
        None,
        on_space=("held", "not queued for held items; those on their way are dropped at the start"),
        on_unpair=("changed", "goes with its item"),
        on_erase=("cascaded", "goes with its item"),
        export=("none", "whether an item went out; the item is exported"),
        shown_to=(NOBODY, "each receives their own"),
    ),
    TableRow(
        Device,
        Device.person,
        on_space=("unaffected", "the person's own devices"),
        on_unpair=("unchanged", "a device belongs to a sign-in"),
        on_erase=("deleted", "a device of the person"),
        export=("private", "the devices, without what would let others send to them"),
        shown_to=("sessions", "who uses such a device sees everything"),
    ),
    _private(PreferencesRow, PreferencesRow.person, "what the person chose about notifications"),
    # Catalogue
    TableRow(
        Activity,
        Activity.owner,
        on_space=("held", "activities.py hides copies that arrived during space"),
        on_unpair=("changed", "copies that the partner had are retired; dates about them keep the title"),
        on_erase=("anonymised", "deleted; one that a date of two is about keeps its id only"),
        export=("private", "own ideas"),
        shown_to=("ideas", "the partner sees copies of ideas that were proposed"),
    ),
    # Dates
    TableRow(
        Date,
        Date.proposer,
        on_space=("held", "agenda.py hides offers that are held"),
        on_unpair=("changed", "open offers lapse, agreed dates ahead are off"),
        on_erase=("anonymised", "own ones are deleted; those of two lose the words, while the partner keeps something"),
        export=("both", "dates of two, and dates of the person alone"),
        shown_to=("dates", "the partner sees dates of the two"),
    ),
    TableRow(
        SlotRow,
        None,
        on_space=("held", "read with its date only"),
        on_unpair=("changed", "those of an open move go; the times of dates that can still be looked at stay"),
        on_erase=("cascaded", "goes with its date"),
        export=("both", "with its date"),
        shown_to=("dates", "with its date"),
    ),
    TableRow(
        Reschedule,
        Reschedule.sender,
        on_space=("held", "views.py hides offers that are held"),
        on_unpair=("changed", "goes"),
        on_erase=("deleted", "went when the couple ended"),
        export=("none", "open for a week at most, and shown with its date"),
        shown_to=("dates", "with its date"),
    ),
    TableRow(
        DateText,
        DateText.author,
        on_space=("held", "views.py hides texts that are held"),
        on_unpair=("unchanged", "each reads their own; the receiver's record has the others"),
        on_erase=("deleted", "the author's; the receiver's copy is theirs"),
        export=("ordinary", "with its date"),
        shown_to=("dates", "with its date"),
    ),
    _private(FeedbackRow, FeedbackRow.person, "the person's feedback on a date"),
    _private(Rsvp, Rsvp.person, "whether the person in space goes to a date")._replace(
        on_unpair=("changed", "the partner must not learn who would have gone")
    ),
    TableRow(
        Ritual,
        None,
        on_space=("held", "read with its dates only; the clock makes dates that a person in space does not go to"),
        on_unpair=("changed", "it ends"),
        on_erase=("cascaded", "goes with its first date"),
        export=("both", "with its dates"),
        shown_to=("dates", "with its dates"),
    ),
    TableRow(
        RitualDate,
        None,
        on_space=("held", "read with its date only"),
        on_unpair=("unchanged", "which ritual a date belongs to"),
        on_erase=("cascaded", "goes with its date"),
        export=("both", "with its date"),
        shown_to=("dates", "with its date"),
    ),
    # Calendars
    _private(AvailabilityRow, AvailabilityRow.person, "when the person is free")._replace(
        on_space=("held", "in space, a person's own times do not depend on the partner"),
        on_unpair=("changed", "the consent to find common times ends"),
        shown_to=("free_times", "if both agreed, the partner sees times that suit both"),
    ),
    _private(CalendarFeed, CalendarFeed.person, "where calendar programs read the person's dates")._replace(
        on_space=("unaffected", "only its owner makes it; starting a space revokes it"),
        on_unpair=("changed", "revoked: a former partner may have the address"),
        export=("private", "without the hash of its token"),
        shown_to=("calendar_feed", "who has the address sees the dates"),
    ),
    _private(BusyCalendar, BusyCalendar.person, "the person's calendars elsewhere, with their secret addresses"),
    _private(BusyTime, BusyTime.calendar, "when those calendars are busy")._replace(
        owner=None, on_erase=("cascaded", "goes with its calendar")
    ),
    # Notes
    TableRow(
        Note,
        Note.author,
        on_space=("held", "notes.py hides notes shared during space"),
        on_unpair=("unchanged", "the author's"),
        on_erase=("deleted", "the author's; the receiver's copy is theirs"),
        export=("both", "shared ones are ordinary, others private"),
        shown_to=("notes", "the partner reads shared ones"),
    ),
    TableRow(
        Share,
        None,
        on_space=("held", "read with its note only"),
        on_unpair=("changed", "recalled"),
        on_erase=("cascaded", "goes with its note"),
        export=("ordinary", "with its note"),
        shown_to=("notes", "with its note"),
    ),
    _private(PromptDay, PromptDay.person, "the person's prompt of each day"),
    # Recommender
    _private(ProfileRow, ProfileRow.person, "the person's profile"),
    _private(VoteRow, VoteRow.person, "the person's votes"),
    _private(DealtCard, DealtCard.person, "the person's cards"),
    TableRow(
        Match,
        None,
        on_space=("held", "none is made while one of the two is in space"),
        on_unpair=("changed", "goes"),
        on_erase=("cascaded", "went when the couple ended"),
        export=("private", "as far as it shows"),
        shown_to=("matches", "both see it"),
    ),
    TableRow(
        SomedayItem,
        SomedayItem.added_by,
        on_space=("held", "someday_list.py hides additions that arrived during space"),
        on_unpair=("changed", "goes"),
        on_erase=("deleted", "went when the couple ended"),
        export=("ordinary", "shared by the two"),
        shown_to=("someday_list", "both see it"),
    ),
    _private(RecommendationRow, RecommendationRow.person, "suggestions of the last weeks")._replace(
        on_unpair=("changed", "what was suggested was for the two"),
        export=("none", "drawn from what is exported"),
    ),
    # Help
    _private(HelpRow, HelpRow.person, "that the person is stuck, and cards put away"),
)
