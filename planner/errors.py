"""The problems: each says why a request is refused. api/core/problems.py maps them to HTTP.

`kind` and `reason` are stable and part of the API. A problem has no sentence: the catalogue in planner/languages has
one for each reason, and `params` fill it in. The answer also contains `facts`, for example `opens_at`. A problem never
holds data of another person.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar


class StartFault(Exception):
    """A fault that the operator has to mend before the start. The message says how, and holds no password."""


class FieldError:
    """One error in a request: the path of the field, such as `slots.0.local_time`, and a code with its params."""

    def __init__(self, field: str, code: str, /, **params: object) -> None:
        self.field = field
        self.code = code
        self.params = params


class Problem(Exception):
    """The base of all problems. Raise the most specific subclass.

    Without a `reason`, the kind is the reason: then the problem has one cause only.
    """

    kind: ClassVar[str] = "problem"

    def __init__(self, reason: str = "", /, **params: object) -> None:
        self.reason = reason or self.kind.replace("-", "_")
        self.params = params
        self.facts: dict[str, object] = {}
        super().__init__(self.reason)


class NotFound(Problem):
    """A thing that does not exist, or that the viewer may not see. The answer is the same."""

    kind = "not-found"


class Unauthenticated(Problem):
    """A request without a token, or with an expired one."""

    kind = "not-signed-in"


class BadCredentials(Problem):
    """A wrong sign-in name, password or recovery code. The answer does not say which."""

    kind = "wrong-secret"

    def __init__(self, reason: str, /) -> None:
        super().__init__(reason)


class ConfirmationNeeded(Problem):
    """An act for which the viewer has to give the password or a passkey again."""

    kind = "confirm-first"


class Invalid(Problem):
    """A well-formed request with wrong values. The answer lists every error."""

    kind = "invalid"

    def __init__(self, *faults: FieldError) -> None:
        super().__init__()
        self.faults = faults


class IdTaken(Problem):
    """A create with the id of another thing."""

    kind = "id-taken"


class Conflict(Problem):
    """A move that the present state does not allow, for example because another move was faster."""

    kind = "wrong-state"

    def __init__(self, reason: str, /, **params: object) -> None:
        super().__init__(reason, **params)


class AbovePace(Problem):
    """An activity above the viewer's own pace."""

    kind = "above-pace"


class QuotaExceeded(Problem):
    """An act for which the quota is used up. `opens_at` says when it is possible again."""

    kind = "too-soon"

    def __init__(self, reason: str, opens_at: datetime | None, /, **params: object) -> None:
        super().__init__(reason, **params)
        self.facts = {"opens_at": opens_at}
        self.opens_at = opens_at


class RateLimited(Problem):
    """Too many tries from one place. `retry_after` is in whole seconds, and `limit` names the limit that is used up."""

    kind = "too-many-requests"

    def __init__(self, retry_after: int, limit: str = "") -> None:
        super().__init__()
        self.facts = {"retry_after": retry_after}
        self.retry_after = retry_after
        self.limit = limit


class Unavailable(Problem):
    """A database that did not answer in time. The reason says whether anything may have changed."""

    kind = "busy"
    retry_after = 1


class SignUpClosed(Problem):
    """A sign-up on a server that takes no new people."""

    kind = "sign-up-closed"


class VersionMissing(Problem):
    """An edit that does not say which version it edits."""

    kind = "version-missing"


class VersionConflict(Problem):
    """An edit of a thing that changed after it was read."""

    kind = "version-conflict"
