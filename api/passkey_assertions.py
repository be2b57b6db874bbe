"""What a device answers when a person uses a passkey, and the address for which it signs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import request
from marshmallow import Schema, fields
from werkzeug.exceptions import BadRequest

from api.core.validators import InvalidValue
from api.instance_info import settings
from planner.accounts.passkey_checks import Site


class Base64Url(fields.String):
    """Bytes that a device answered, as base64url without padding."""

    def __init__(self, most: int, example: str, description: str) -> None:
        super().__init__(required=True, metadata={"examples": [example], "description": description})
        self.pattern = f"^[A-Za-z0-9_-]{{1,{most}}}$"

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise InvalidValue("not_encoded")
        return value


class PasskeyAssertion(Schema):
    """What `navigator.credentials.get` answered."""

    credential_id = Base64Url(1400, "AbCdEf0123456789", "Its `id`.")
    client_data = Base64Url(6000, "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0", "Its `response.clientDataJSON`.")
    authenticator_data = Base64Url(6000, "SZYN5YgOjGh0NBcPZHZgW4", "Its `response.authenticatorData`.")
    signature = Base64Url(6000, "MEUCIQDZKtR2gS8", "Its `response.signature`.")


def site() -> Site:
    """Return the address at which the person uses this server. Raises BadRequest for a Host that is no address.

    It is not that of links: a person at localhost makes passkeys for localhost.
    """
    origin = settings().public_url or f"{request.scheme}://{request.host}"
    try:
        return Site(urlsplit(origin).hostname or "", origin)
    except ValueError:
        raise BadRequest from None
