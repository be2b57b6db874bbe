"""The model of pairing: a code, a yes, a second yes; and noes that the other does not feel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.campaigns.lives.model import Model

LIFE = timedelta(hours=72)
MONTH = timedelta(days=30)
PAUSE = timedelta(days=60)


@dataclass(eq=False)
class Invitation:
    """A code. `noes` of the inviter are unfelt by the accepter, and the other way round."""

    id: str
    code: str
    inviter: str
    made: datetime
    expires: datetime
    state: str = "pending"  # pending, accepted, confirmed; declined; refused, withdrawn
    accepter: str | None = None
    rhythm: str = ""


class Pairing:
    """All invitations; who becomes a couple with whom stands in the model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.invitations: list[Invitation] = []
        self.blocks: set[tuple[str, str]] = set()  # (who, whom)
        self.doors: set[str] = set()  # who is paired with nobody

    def of_inviter(self, who: str) -> Invitation | None:
        """What an inviter sees as their open invitation: a declined one, too."""
        found = [one for one in self._living() if one.inviter == who and one.state in _SHOWN]
        return found[-1] if found else None

    def of_accepter(self, who: str) -> Invitation | None:
        """Where somebody waits for a second yes, as far as they know."""
        found = [one for one in self._living() if one.accepter == who and one.state in _WAITING]
        return found[-1] if found else None

    def _living(self) -> list[Invitation]:
        return [one for one in self.invitations if one.expires > self.model.now]

    def standing(self, who: str) -> str:
        """How `me.pairing` reads."""
        if self.model.two[who]:
            return "paired"
        if self.of_accepter(who):
            return "awaiting_confirm"
        mine = self.of_inviter(who)
        if mine is None:
            return "left" if self.model.looks_back(who) else "alone"
        return "awaiting_confirm" if mine.state == "accepted" else "inviting"

    def may_invite(self, who: str) -> bool:
        """Alone, nothing open, and no third within thirty days less than sixty days ago."""
        now, times = self.model.now, [one.made for one in self.invitations if one.inviter == who]
        thirds = [third for first, third in zip(times, times[2:], strict=False) if third - first < MONTH]
        resting = any(third + PAUSE > now for third in thirds)
        alone = self.model.two[who] is None and self.of_inviter(who) is None
        return alone and who not in self.doors and not resting

    def made(self, who: str, invitation_id: str, code: str) -> None:
        """An invitation was made."""
        now = self.model.now
        self.invitations.append(Invitation(invitation_id, code, who, now, now + LIFE))

    def _is_open_to(self, who: str, one: Invitation) -> bool:
        fresh = one.state == "pending" and one.expires > self.model.now
        return fresh and one.inviter != who and self.model.two[one.inviter] is None and not self.apart(who, one.inviter)

    def apart(self, one: str, other: str) -> bool:
        """Whether a no stands between two."""
        return bool({(one, other), (other, one)} & self.blocks or {one, other} & self.doors)

    def look_up(self, who: str, one: Invitation) -> int:
        """Look who invites."""
        return 200 if self._is_open_to(who, one) else 404

    def accept(self, who: str, one: Invitation, rhythm: str) -> int:
        """Say yes."""
        mine = self.of_accepter(who)
        if not self._is_open_to(who, one):
            return self._say_again(who, one, rhythm)
        if mine and mine.state != "accepted" and mine.inviter == one.inviter:
            mine.accepter = mine = None
        if self.model.two[who] or mine:
            return 409
        one.state, one.accepter, one.rhythm, one.expires = "accepted", who, rhythm, self.model.now + LIFE
        return 200

    def _say_again(self, who: str, one: Invitation, rhythm: str) -> int:
        two = self.model.two[who]
        if one is self.of_accepter(who):
            one.rhythm = rhythm
            return 200
        latest = [
            each for each in self.invitations
            if two and each.state == "confirmed" and each.accepter == who and each.inviter in two.members
        ]  # fmt: skip
        if latest and one is latest[-1] and self.of_accepter(who) is None:
            return 200 if rhythm == one.rhythm else 409
        return 404

    def decline(self, who: str, one: Invitation) -> int:
        """Say no, or step back."""
        if one is self.of_accepter(who):
            self._step_back(one)
            return 200
        if not self._is_open_to(who, one):
            return 404
        one.state = "declined"
        return 200

    def _step_back(self, one: Invitation) -> None:
        if one.state == "accepted":
            one.state, one.expires = "declined", one.made + LIFE
        one.accepter = None

    def confirm(self, who: str, one: Invitation, rhythm: str) -> int:
        """The second yes."""
        if one.inviter != who:
            return 404
        if one.state == "confirmed":
            two = self.model.two[who]
            return 200 if two and two.own[who].rhythm == rhythm else 409
        if one.accepter is None or one.state != "accepted" or one.expires <= self.model.now:
            return 409
        if self.apart(who, one.accepter):
            return 409
        one.state = "confirmed"
        self.model.begin({who: rhythm, one.accepter: one.rhythm})
        self._close_all_of({who, one.accepter})
        return 200

    def _close_all_of(self, both: set[str]) -> None:
        for one in self.invitations:
            if one.inviter in both and one.state in _SHOWN:
                one.state = "withdrawn"
        for one in self._living():
            if one.accepter in both and one.state in _WAITING:
                self._step_back(one)

    def block(self, who: str, whom: str) -> int:
        """A no that lasts: to the partner, which is leaving first, to the last one, or to everybody."""
        two = self.model.two[who]
        if whom == "everybody":
            self.doors.add(who)
            self._close_all_of({who})
            return 200
        # Whom one was a couple with last: that couple has ended, whatever came after it.
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
        for one in self.invitations:
            if (one.inviter, one.accepter, one.state) == (who, other, "accepted"):
                one.state = "refused"
        for one in self._living():
            if (one.inviter, one.accepter, one.state) == (other, who, "accepted"):
                self._step_back(one)

    def refuse(self, who: str, one: Invitation) -> int:
        """The inviter's no to who came."""
        if one.inviter != who:
            return 404
        if one.state == "refused":
            return 200
        if one.state != "accepted" or one.expires <= self.model.now:
            return 409
        one.state = "refused"
        return 200

    def withdraw(self, who: str) -> int:
        """Take back what is open: the own invitation, or the own yes."""
        mine, theirs = self.of_inviter(who), self.of_accepter(who)
        found = mine if mine and mine.state == "accepted" else theirs or mine
        if found is None:
            return 404
        if found is mine:
            found.state = "withdrawn"
        else:
            self._step_back(found)
        return 200


_SHOWN = ("pending", "declined", "accepted")
_WAITING = ("accepted", "refused", "withdrawn")
