"""The model of pairing: a code, a yes, a second yes, and refusals that the refused person cannot notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.campaigns.lives.model import Model

LIFE = timedelta(days=7)
MONTH = timedelta(days=30)
PAUSE = timedelta(days=60)


@dataclass(eq=False)
class Invitation:
    """An invitation with its code. Neither person notices the refusal of the partner."""

    id: str
    code: str
    inviter: str
    created: datetime
    expires: datetime
    state: str = "pending"  # pending, accepted, confirmed; declined; refused, withdrawn
    invitee: str | None = None
    rhythm: str = ""
    was_met: bool = False


class Pairing:
    """All invitations. The model has the couples."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.invitations: list[Invitation] = []
        self.blocks: set[tuple[str, str]] = set()  # (who, whom)
        self.doors: set[str] = set()  # the people who block everybody

    def of_inviter(self, who: str) -> Invitation | None:
        """Return the invitation that its inviter sees as open; this may be a declined one."""
        shown = [
            invitation for invitation in self._unexpired() if invitation.inviter == who and invitation.state in _SHOWN
        ]
        return shown[-1] if shown else None

    def of_invitee(self, who: str) -> Invitation | None:
        """Return the invitation that its invitee sees as waiting for a second yes."""
        waiting = [each for each in self._unexpired() if each.invitee == who and each.state in _WAITING]
        return waiting[-1] if waiting else None

    def _unexpired(self) -> list[Invitation]:
        return [invitation for invitation in self.invitations if invitation.expires > self.model.now]

    def status(self, who: str) -> str:
        """Return the value of `me.pairing`."""
        if self.model.two[who]:
            return "paired"
        if self.of_invitee(who):
            return "awaiting_confirm"
        mine = self.of_inviter(who)
        if mine is None:
            return "left" if self.model.looks_back(who) else "alone"
        return "awaiting_confirm" if mine.state == "accepted" else "inviting"

    def may_invite(self, who: str) -> bool:
        """Tell whether a person may invite. Three invitations within thirty days bring a rest of sixty days."""
        now, times = self.model.now, [each.created for each in self.invitations if each.inviter == who and each.was_met]
        thirds = [third for first, third in zip(times, times[2:], strict=False) if third - first < MONTH]
        resting = any(third + PAUSE > now for third in thirds)
        alone = self.model.two[who] is None and self.of_inviter(who) is None
        return alone and who not in self.doors and not resting

    def record(self, who: str, invitation_id: str, code: str) -> None:
        """Record an invitation."""
        now = self.model.now
        self.invitations.append(Invitation(invitation_id, code, who, now, now + LIFE))

    def _is_open_to(self, who: str, invitation: Invitation) -> bool:
        fresh = invitation.state == "pending" and invitation.expires > self.model.now
        return (
            fresh
            and invitation.inviter != who
            and self.model.two[invitation.inviter] is None
            and not self.apart(who, invitation.inviter)
        )

    def apart(self, first: str, second: str) -> bool:
        """Tell whether a block keeps two people apart."""
        return bool({(first, second), (second, first)} & self.blocks or {first, second} & self.doors)

    def look_up(self, who: str, invitation: Invitation) -> int:
        """Look up the inviter of a code."""
        if not self._is_open_to(who, invitation):
            return 404
        invitation.was_met = True
        return 200

    def accept(self, who: str, invitation: Invitation, rhythm: str) -> int:
        """Say yes to an invitation."""
        mine = self.of_invitee(who)
        if not self._is_open_to(who, invitation):
            return self._say_again(who, invitation, rhythm)
        if mine and mine.state != "accepted" and mine.inviter == invitation.inviter:
            mine.invitee = mine = None
        if self.model.two[who] or mine:
            return 409
        invitation.state, invitation.invitee, invitation.was_met = "accepted", who, True
        invitation.rhythm, invitation.expires = rhythm, self.model.now + LIFE
        return 200

    def _say_again(self, who: str, invitation: Invitation, rhythm: str) -> int:
        two = self.model.two[who]
        if invitation is self.of_invitee(who):
            invitation.rhythm = rhythm
            return 200
        latest = [
            each for each in self.invitations
            if two and each.state == "confirmed" and each.invitee == who and each.inviter in two.members
        ]  # fmt: skip
        if latest and invitation is latest[-1] and self.of_invitee(who) is None:
            return 200 if rhythm == invitation.rhythm else 409
        return 404

    def decline(self, who: str, invitation: Invitation) -> int:
        """Say no to an invitation, or take back a yes."""
        if invitation is self.of_invitee(who):
            self._step_back(invitation)
            return 200
        if not self._is_open_to(who, invitation):
            return 404
        invitation.state, invitation.was_met = "declined", True
        return 200

    def _step_back(self, invitation: Invitation) -> None:
        if invitation.state == "accepted":
            invitation.state, invitation.expires = "declined", invitation.created + LIFE
        invitation.invitee = None

    def confirm(self, who: str, invitation: Invitation, rhythm: str) -> int:
        """Give the second yes."""
        if invitation.inviter != who:
            return 404
        if invitation.state == "confirmed":
            two = self.model.two[who]
            return 200 if two and two.own[who].rhythm == rhythm else 409
        if invitation.invitee is None or invitation.state != "accepted" or invitation.expires <= self.model.now:
            return 409
        if self.apart(who, invitation.invitee):
            return 409
        invitation.state = "confirmed"
        self.model.begin({who: rhythm, invitation.invitee: invitation.rhythm})
        for crossing in self._unexpired():
            if (crossing.inviter, crossing.invitee, crossing.state) == (invitation.invitee, who, "accepted"):
                crossing.state = "confirmed"
        self._close_all_of({who, invitation.invitee})
        return 200

    def _close_all_of(self, both: set[str]) -> None:
        for invitation in self.invitations:
            if invitation.inviter in both and invitation.state in _SHOWN:
                invitation.state = "withdrawn"
        for invitation in self._unexpired():
            if invitation.invitee in both and invitation.state in _WAITING:
                self._step_back(invitation)

    def block(self, who: str, whom: str) -> int:
        """Block the partner (and leave first), the last partner, or everybody."""
        two = self.model.two[who]
        if whom == "everybody":
            self.doors.add(who)
            self._close_all_of({who})
            return 200
        # The last couple of this person has ended, even if a new couple has begun.
        past = self.model.former[who]
        if whom == "partner" and two is None:
            return 200 if past and (who, past.other(who)) in self.blocks else 409
        if whom == "last_partner" and past is None:
            return 409
        other = two.other(who) if two and whom == "partner" else past.other(who)  # type: ignore[union-attr]
        if two and two.other(who) == other:
            self.model.leave(who)
        self._end_between(who, other)
        self.blocks.add((who, other))
        return 200

    def _end_between(self, who: str, other: str) -> None:
        for invitation in self.invitations:
            if (invitation.inviter, invitation.invitee, invitation.state) == (who, other, "accepted"):
                invitation.state = "refused"
        for invitation in self._unexpired():
            if (invitation.inviter, invitation.invitee, invitation.state) == (other, who, "accepted"):
                self._step_back(invitation)

    def refuse(self, who: str, invitation: Invitation) -> int:
        """Refuse the invitee, as the inviter."""
        if invitation.inviter != who:
            return 404
        if invitation.state == "refused":
            return 200
        if invitation.state != "accepted" or invitation.expires <= self.model.now:
            return 409
        invitation.state = "refused"
        return 200

    def withdraw(self, who: str) -> int:
        """Take back the open invitation of a person, or their yes."""
        mine, theirs = self.of_inviter(who), self.of_invitee(who)
        invitation = mine if mine and mine.state == "accepted" else theirs or mine
        if invitation is None:
            return 404
        if invitation is mine:
            invitation.state = "withdrawn"
        else:
            self._step_back(invitation)
        return 200


_SHOWN = ("pending", "declined", "accepted")
_WAITING = ("accepted", "refused", "withdrawn")
