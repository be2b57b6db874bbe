"""What becomes of the tables of the server, of accounts, and of notifications."""

from __future__ import annotations

from planner.accounts.account_mails import AccountMail
from planner.accounts.accounts import Person
from planner.accounts.data_keys import DataKey
from planner.accounts.device_marks import DeviceMark
from planner.accounts.email_addresses import EmailAddress
from planner.accounts.instance_flags import InstanceFlag
from planner.accounts.passkeys import Passkey
from planner.accounts.rate_limits import RateLimitCounter
from planner.accounts.security_events import SecurityEvent
from planner.accounts.server_keys import ServerKey
from planner.accounts.sessions import Session
from planner.catalogue.prompts import Prompt
from planner.inbox import Item
from planner.notifications.deliveries import Delivery
from planner.notifications.devices import Device
from planner.notifications.preferences import PreferencesRow
from planner.privacy.inventory.table_row import NOBODY, TableRow, private, server
from planner.privacy.restores import RestoreMark
from planner.storage.leases import Lease
from planner.support.checklists import ChecklistRow
from planner.support.help_cards import HelpRow
from planner.support.plan_steps import ChosenPlan, PlanStep

TABLES: tuple[TableRow, ...] = (
    # The server
    server(ServerKey, "the server's secrets"),
    server(InstanceFlag, "the operator's switches"),
    server(Lease, "which process does the housekeeping"),
    server(RestoreMark, "a number by which a start notices a restored backup"),
    server(RateLimitCounter, "tries counted for an hour under a keyed digest"),
    server(Prompt, "the catalogue's texts; a note and a day export the text of their prompt"),
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
    private(EmailAddress, EmailAddress.person, "where the person gets mail")._replace(
        shown_to=("email_address", "who reads the mailbox sees the mails, and can perhaps set a new password")
    ),
    private(AccountMail, AccountMail.person, "mails about the account, for a few days")._replace(
        export=("none", "each went to the address, which is exported")
    ),
    private(DeviceMark, DeviceMark.person, "the devices that wrong passwords elsewhere do not lock out")._replace(
        export=("private", "without the digests")
    ),
    private(Passkey, Passkey.person, "the person's passkeys")._replace(
        export=("private", "without the keys"),
        shown_to=("sessions", "who can unlock such a device can sign in"),
    ),
    private(DataKey, DataKey.person, "the encrypted key of the person's reflections")._replace(
        export=("none", "it opens nothing elsewhere; what it encrypts is exported as plain text")
    ),
    private(SecurityEvent, SecurityEvent.person, "what happened to the person's account; a row without one is a guess"),
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
    private(PreferencesRow, PreferencesRow.person, "what the person chose about notifications"),
    # Help
    private(HelpRow, HelpRow.person, "that the person is stuck, and cards put away"),
    private(ChosenPlan, ChosenPlan.person, "the self-care plans that the person chose"),
    private(PlanStep, PlanStep.plan, "when the actions of those plans are")._replace(
        owner=None, on_erase=("cascaded", "goes with its plan")
    ),
    private(ChecklistRow, ChecklistRow.person, "what the person ticked when choosing help"),
)
