"""What becomes of the tables of notes and talks."""

from __future__ import annotations

from planner.notes.commitments import Commitment, CommitmentDay
from planner.notes.couple_questions import CoupleQuestion, QuestionAnswer
from planner.notes.daily_prompt import PromptDay
from planner.notes.memories import HiddenMemory
from planner.notes.notes import Note, Share
from planner.notes.reactions import Reaction
from planner.notes.reflection_days import ReflectionDay
from planner.notes.requests import Request
from planner.photos.photos import Photo, PhotoFile
from planner.privacy.inventory.table_row import NOBODY, TableRow, private
from planner.reflections.reflections import Reflection
from planner.talks.talks import Talk

TABLES: tuple[TableRow, ...] = (
    TableRow(
        Note,
        Note.author,
        on_space=("held", "notes.py hides notes shared during space"),
        on_unpair=("unchanged", "the author's"),
        on_erase=("deleted", "the author's; the receiver's copy is theirs"),
        export=("both", "shared ones are ordinary, others private"),
        shown_to=("notes", "the partner reads shared ones"),
    ),
    TableRow(
        Share,
        None,
        on_space=("held", "read with its note only"),
        on_unpair=("changed", "recalled"),
        on_erase=("cascaded", "goes with its note"),
        export=("ordinary", "with its note"),
        shown_to=("notes", "with its note"),
    ),
    TableRow(
        Reaction,
        Reaction.person,
        on_space=("held", "reactions.py leaves out what was given during the author's space"),
        on_unpair=("unchanged", "the receiver's; it goes out of view with the recalled note"),
        on_erase=("deleted", "the receiver's"),
        export=("private", "what the receiver gave"),
        shown_to=("notes", "the author of the note reads it"),
    ),
    TableRow(
        Talk,
        Talk.opener,
        on_space=("held", "talks.py hides a talk that is held, and one of a date that is held"),
        on_unpair=("changed", "deleted: a talk ends with its couple"),
        on_erase=("deleted", "went when the couple ended"),
        export=("ordinary", "which guide the two followed, and how far; not who paused or stopped"),
        shown_to=("couple", "the partner takes part in it; it is over within a day or two"),
    ),
    TableRow(
        Request,
        Request.sender,
        on_space=("held", "requests.py hides requests that arrived during space"),
        on_unpair=("changed", "open ones are withdrawn"),
        on_erase=("deleted", "the sender's; the receiver's copy is theirs"),
        export=("ordinary", "what the person sent, and what came of it"),
        shown_to=("requests", "the partner reads them"),
    ),
    private(Commitment, Commitment.person, "the person's own promises"),
    TableRow(
        CommitmentDay,
        None,
        on_space=("unaffected", "the person's own log"),
        on_unpair=("unchanged", "the person's own log"),
        on_erase=("cascaded", "goes with its commitment"),
        export=("private", "with its commitment"),
        shown_to=(NOBODY, "the person's own log"),
    ),
    TableRow(
        Photo,
        Photo.owner,
        on_space=("held", "shown_photos.py and the hold queue treat those of dates like texts"),
        on_unpair=("unchanged", "the owner's; no longer shown. Who leaves may withdraw them in the same step"),
        on_erase=("deleted", "the owner's; the receiver's record has the captions only"),
        export=("private", "all of the person's own"),
        shown_to=("photos", "the partner sees those of shared notes, dates of two and proposed ideas"),
    ),
    TableRow(
        PhotoFile,
        None,
        on_space=("held", "read with its photo only"),
        on_unpair=("unchanged", "goes with its photo"),
        on_erase=("cascaded", "goes with its photo"),
        export=("private", "files beside the document"),
        shown_to=("photos", "with its photo"),
    ),
    TableRow(
        CoupleQuestion,
        None,
        on_space=("held", "couple_questions.py hides answers that opened during space"),
        on_unpair=("changed", "those that are not open go"),
        on_erase=("cascaded", "goes with the couple"),
        export=("ordinary", "with the person's open answers"),
        shown_to=("questions", "both get the same one"),
    ),
    TableRow(
        QuestionAnswer,
        QuestionAnswer.person,
        on_space=("held", "read with its question only"),
        on_unpair=("changed", "sealed ones go; open ones stay their author's"),
        on_erase=("deleted", "the author's; the receiver's copy is theirs"),
        export=("both", "open ones are ordinary, sealed ones private"),
        shown_to=("questions", "the partner reads open ones"),
    ),
    private(PromptDay, PromptDay.person, "the person's prompt of each day"),
    private(HiddenMemory, HiddenMemory.person, "the memories that the person does not want to see"),
    private(ReflectionDay, ReflectionDay.person, "the days on which a reflection was suggested to the person"),
    private(Reflection, Reflection.person, "the person's reflections, encrypted"),
)
