"""The one family of refusals: each says what is wrong in words a person can act on; the edge maps it to HTTP.

`kind` is stable and part of the interface; `facts` travel with the answer (for example `opens_at`). Nothing in a
refusal may hold another person's data.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, NamedTuple


class FieldError(NamedTuple):
    """One thing wrong with what was sent: where it stands (a path such as `slots.0.wall`), and what is wrong."""

    field: str
    message: str


class Problem(Exception):
    """A refusal. Subclasses are the kinds; raise the most telling one."""

    kind: ClassVar[str] = "problem"
    title: ClassVar[str] = "This cannot be done"

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class NotFound(Problem):
    """It is not there, or it is not yours: the answer is the same."""

    kind = "not-found"
    title = "There is no such thing here"

    def __init__(self, detail: str = "It does not exist, or it is not yours to see.") -> None:
        super().__init__(detail)


class Unauthenticated(Problem):
    """No token, or one that is not valid any more."""

    kind = "not-signed-in"
    title = "Sign in first"

    def __init__(self, detail: str = "Send a valid token as: Authorization: Bearer <token>.") -> None:
        super().__init__(detail)


class BadCredentials(Problem):
    """A sign-in name, password or recovery code that does not fit; never says which."""

    kind = "wrong-secret"
    title = "That did not match"


class Invalid(Problem):
    """What was sent is well-formed but not acceptable; every fault is listed."""

    kind = "invalid"
    title = "Some values cannot be accepted"

    def __init__(self, *faults: FieldError) -> None:
        super().__init__("See the list of errors: each names a field and what is wrong with it.")
        self.faults = faults


class IdTaken(Problem):
    """The id sent with a create already names something else."""

    kind = "id-taken"
    title = "This id already names something else"

    def __init__(self) -> None:
        super().__init__("Repeat a create with the same id and body, or send a new id.")


class Conflict(Problem):
    """The move is not possible from where the thing stands now, or somebody else was faster."""

    kind = "wrong-state"
    title = "That is not possible any more, or not yet"


class AbovePace(Problem):
    """Closer than the pace that counts for whoever asks."""

    kind = "above-pace"
    title = "This is above the pace that counts for you"


class QuotaExceeded(Problem):
    """Possible again later; `opens_at` says when."""

    kind = "too-soon"
    title = "Not yet"

    def __init__(self, detail: str, opens_at: datetime | None) -> None:
        super().__init__(detail, opens_at=opens_at)


class RateLimited(Problem):
    """Too many tries from one place; `retry_after` is in whole seconds."""

    kind = "too-many-requests"
    title = "Too many tries"

    def __init__(self, retry_after: int) -> None:
        super().__init__("Wait a little before you try again.", retry_after=retry_after)
        self.retry_after = retry_after


class Unavailable(Problem):
    """The database did not answer in time. Nothing was changed, unless the detail says that this is not known."""

    kind = "busy"
    title = "The server is busy"
    retry_after = 1

    def __init__(self, kept: bool | None = False) -> None:
        known = "Nothing was changed." if kept is False else "Whether it was kept is not known; repeating it is safe."
        super().__init__(f"{known} Repeat the same request in a moment.")


class SignUpClosed(Problem):
    """The operator takes no new people."""

    kind = "sign-up-closed"
    title = "Sign-up is closed on this server"

    def __init__(self) -> None:
        super().__init__("Whoever runs this server takes no new people at the moment.")


class VersionMissing(Problem):
    """An edit must say which version it was made from."""

    kind = "version-missing"
    title = "Say which version you edit"

    def __init__(self) -> None:
        super().__init__("Send the ETag that you read as If-Match.")


class VersionConflict(Problem):
    """The thing was changed since it was read."""

    kind = "version-conflict"
    title = "It was changed in the meantime"

    def __init__(self) -> None:
        super().__init__("Read it again, then repeat your change on what stands there now.")
