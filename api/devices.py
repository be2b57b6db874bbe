"""Devices: where you get notifications. They are off until you choose them on a device."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, PushKey, Text, UtcDateTime, Uuid
from api.core.operations import OWNER, SIGNED_IN, RequestContext
from api.core.routing import Routes
from planner.errors import Conflict, Invalid, NotFound
from planner.notifications import devices, web_push
from planner.notifications.devices import Subscription

routes = Routes("devices")

_KIND = {"examples": ["unified_push"]}


class DeviceKeysIn(Schema):
    """The keys of the subscription, in base64url. Messages are encrypted with them, for this device only."""

    p256dh = PushKey(
        65,
        required=True,
        metadata={
            "examples": ["BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"],
            "description": "The public key of the subscription: a point of the curve P-256.",
        },
    )
    auth = PushKey(
        16,
        required=True,
        metadata={"examples": ["BTBZMqHH6r4Tts7J_aSIgg"], "description": "The secret of the subscription."},
    )


class DeviceIn(Schema):
    """A push subscription, as a browser or a distributor of UnifiedPush gives it to your client."""

    kind = Choice(enumerations.DEVICE_KIND, required=True, metadata=_KIND)
    endpoint = Text(
        2000,
        required=True,
        metadata={
            "examples": ["https://ntfy.example.org/up7Kq2mX9c?up=1"],
            "description": "The address of the subscription. It is a secret: no answer shows more of it than the host.",
        },
    )
    keys = fields.Nested(DeviceKeysIn, required=True)


class DeviceOut(Schema):
    """A device where you get notifications."""

    id = Uuid(
        metadata={
            "examples": ["0c9f3a34-93d1-4c0c-8b50-0f2a5d1f9c33"],
            "description": "The id that its client gave itself.",
        }
    )
    kind = EnumField(enumerations.DEVICE_KIND, metadata=_KIND)
    host = fields.String(metadata={"examples": ["ntfy.example.org"], "description": "The push service that it uses."})
    sign_in_id = Uuid(
        attribute="sign_in",
        metadata={
            "examples": ["7d1b8f34-93d1-4c0c-8b50-0f2a5d1f9c22"],
            "description": "The sign-in that registered it. When that ends, the device goes.",
        },
    )
    created_at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    current = fields.Boolean(metadata={"examples": [True], "description": "Whether it belongs to this sign-in."})


class DevicesOut(Schema):
    """All of your devices."""

    items = fields.List(fields.Nested(DeviceOut))


@routes.get("/devices", access=SIGNED_IN, answer=DevicesOut())
def list_devices(context: RequestContext) -> dict[str, Any]:
    """List the devices where you get notifications."""
    return {"items": devices.list_devices(context.viewer.identity)}


@routes.put(
    "/devices/<uuid:installation_id>",
    access=SIGNED_IN,
    body=DeviceIn(),
    answer=DeviceOut(),
    problems=[Invalid, NotFound, Conflict],
)
def put_device(context: RequestContext, installation_id: UUID) -> Any:
    """Get notifications on this device, or renew its subscription. The client makes the id once, and keeps it.

    Subscribe with the `push_key` of `GET /v1/server`; if that has changed, subscribe anew. The device belongs to this
    sign-in, and goes when it ends. Repeat this at each start of the client. A notification is a fixed sentence without
    names, and is encrypted for this device.
    """
    body = context.body
    subscription = Subscription(body["kind"], body["endpoint"], **body["keys"])
    return web_push.register(context.viewer.identity, installation_id, subscription, context.now)


@routes.delete("/devices/<uuid:installation_id>", access=OWNER, problems=[NotFound])
def delete_device(context: RequestContext, installation_id: UUID) -> None:
    """Get no more notifications on this device."""
    devices.remove(context.viewer.identity, installation_id)
