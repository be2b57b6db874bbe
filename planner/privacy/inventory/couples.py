"""What becomes of the tables of couples, and of the contact between two people."""

from __future__ import annotations

from planner.contact.contact_log import ContactEvent
from planner.contact.holds import Hold
from planner.contact.pauses import Pause
from planner.contact.received import ReceivedCopy
from planner.couples.blocks import Block, GlobalBlock
from planner.couples.couples import Couple, Member
from planner.couples.former_couples import FormerCoupleAccess
from planner.couples.invitations import Invitation
from planner.privacy.inventory.table_row import NOBODY, TableRow, private

TABLES: tuple[TableRow, ...] = (
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
    private(Block, Block.person, "whom the person blocked; a code of either looks like a wrong one")._replace(
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
    private(Hold, Hold.person, "what is held back from the person, or was dismissed")._replace(
        on_space=("held", "each row holds one thing back"),
        on_unpair=("changed", "deleted: the partner's things leave view anyway"),
        export=("none", "the words are among those received"),
    ),
)
