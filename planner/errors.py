"""The problems: each says what is wrong and what a person can do. api/core/problems.py maps them to HTTP.

`kind` is stable and part of the API. The answer contains `facts`, for example `opens_at`. A problem never holds data
of another person.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, NamedTuple


class FieldError(NamedTuple):
    """One error in a request: the path of the field, such as `slots.0.local_time`, and what is wrong."""

    field: str
    message: str


class Problem(Exception):
    """The base of all problems. Raise the most specific subclass."""

    kind: ClassVar[str] = "problem"
    title: ClassVar[str] = "This cannot be done"

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class NotFound(Problem):
    """A thing that does not exist, or that the viewer may not see. The answer is the same."""

    kind = "not-found"
    title = "There is no such thing here"

    def __init__(self, detail: str = "It does not exist, or it is not yours to see.") -> None:
        super().__init__(detail)


class Unauthenticated(Problem):
    """A request without a token, or with an expired one."""

    kind = "not-signed-in"
    title = "Sign in first"

    def __init__(self, detail: str = "Send a valid token as: Authorization: Bearer <token>.") -> None:
        super().__init__(detail)


class BadCredentials(Problem):
    """A wrong sign-in name, password or recovery code. The answer does not say which."""

    kind = "wrong-secret"
    title = "That did not match"


class Invalid(Problem):
    """A well-formed request with wrong values. The answer lists every error."""

    kind = "invalid"
    title = "Some values cannot be accepted"

    def __init__(self, *faults: FieldError) -> None:
        super().__init__("See the list of errors: each names a field and what is wrong with it.")
        self.faults = faults


class IdTaken(Problem):
    """A create with the id of another thing."""

    kind = "id-taken"
    title = "This id already names something else"

    def __init__(self) -> None:
        super().__init__("Repeat a create with the same id and body, or send a new id.")


class Conflict(Problem):
    """A move that the present state does not allow, for example because another move was faster."""

    kind = "wrong-state"
    title = "That is not possible any more, or not yet"


class AbovePace(Problem):
    """An activity above the viewer's own pace."""

    kind = "above-pace"
    title = "This is above the pace that counts for you"


class QuotaExceeded(Problem):
    """An act for which the quota is used up. `opens_at` says when it is possible again."""

    kind = "too-soon"
    title = "Not yet"

    def __init__(self, detail: str, opens_at: datetime | None) -> None:
        super().__init__(detail, opens_at=opens_at)
        self.opens_at = opens_at


class RateLimited(Problem):
    """Too many tries from one place. `retry_after` is in whole seconds, and `limit` names the limit that is used up."""

    kind = "too-many-requests"
    title = "Too many tries"

    def __init__(self, retry_after: int, limit: str = "") -> None:
        super().__init__("Wait a little before you try again.", retry_after=retry_after)
        self.retry_after = retry_after
        self.limit = limit


class Unavailable(Problem):
    """A database that did not answer in time. The detail says whether anything may have changed."""

    kind = "busy"
    title = "The server is busy"
    retry_after = 1

    def __init__(self, kept: bool | None = False) -> None:
        known = (
            "Nothing was changed."
            if kept is False
            else "Your change may or may not have been saved; sending it again is safe."
        )
        super().__init__(f"{known} Repeat the same request in a moment.")


class SignUpClosed(Problem):
    """A sign-up on a server that takes no new people."""

    kind = "sign-up-closed"
    title = "Sign-up is closed on this server"

    def __init__(self) -> None:
        super().__init__("The operator of this server takes no new people at the moment.")


class VersionMissing(Problem):
    """An edit that does not say which version it edits."""

    kind = "version-missing"
    title = "Say which version you edit"

    def __init__(self) -> None:
        super().__init__("Send the ETag that you read as If-Match.")


class VersionConflict(Problem):
    """An edit of a thing that changed after it was read."""

    kind = "version-conflict"
    title = "It was changed in the meantime"

    def __init__(self) -> None:
        super().__init__("Read it again, then repeat your change on the new version.")
