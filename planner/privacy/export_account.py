"""What an export has about the account: sign-ins, passkeys, the address, devices, and what may be sent there."""

from __future__ import annotations

from planner.accounts.device_marks import DeviceMark
from planner.accounts.email_addresses import EmailAddress
from planner.accounts.passkeys import Passkey
from planner.accounts.security_events import SecurityEvent
from planner.accounts.sessions import Session
from planner.notifications.devices import Device
from planner.notifications.preferences import PreferencesRow
from planner.privacy.export_format import Section, table_section

ACCOUNT: tuple[Section, ...] = (
    table_section(
        "email_address",
        "ExportedEmailAddress",
        "Your e-mail address, and what it is used for.",
        EmailAddress.person,
        notes={"refused_at": "When the mail server said that there is no such mailbox."},
    ),
    table_section(
        "sessions",
        "ExportedSignIn",
        "Where you are signed in.",
        Session.person,
        without=[Session.token_hash, Session.wrapped_key],
    ),
    table_section(
        "notifications",
        "ExportedPreferences",
        "What you chose about notifications.",
        PreferencesRow.person,
        without=[PreferencesRow.next_prompt_at],
    ),
    table_section(
        "devices",
        "ExportedDevice",
        "Where you get notifications. What would let others send to a device is left out.",
        Device.person,
        without=[Device.endpoint, Device.p256dh, Device.auth],
    ),
    table_section(
        "device_marks",
        "ExportedDeviceMark",
        "The devices on which you have signed in. Wrong passwords elsewhere do not lock them out.",
        DeviceMark.person,
        without=[DeviceMark.digest],
    ),
    table_section(
        "passkeys",
        "ExportedPasskey",
        "The passkeys with which you can sign in. Their private keys are on your devices only.",
        Passkey.person,
        without=[Passkey.credential_id, Passkey.public_key, Passkey.sign_count],
    ),
    table_section(
        "security_events",
        "ExportedSecurityEvent",
        "Sign-ins to your account, refused ones, and changes of what opens it, of 90 days.",
        SecurityEvent.person,
    ),
)
