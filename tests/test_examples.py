"""Play the examples of the OpenAPI document against the served product, each twice, as a reader of /docs would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests import served
from tests.example_reader import (
    ACTIVITY,
    ADDRESS,
    CODE,
    DATE,
    INVITATION,
    MAIL_CODE,
    NAME,
    NOTE,
    PLAN,
    RECOVERY_CODE,
    SLOT,
    Reader,
)
from tests.mailboxes import Mailboxes

pytestmark = pytest.mark.real_time

LATER = timedelta(days=16)
"""The dates are 6 to 13 days ahead, and can be corrected for 14 days after them."""


@pytest.fixture
def robin(sqlite_url: str, boxes: Mailboxes) -> Iterator[Reader]:
    with served.running(sqlite_url, **boxes.variables(), push_hosts="ntfy.example.org") as server:
        yield Reader(server, server.request("GET", "/openapi.json")[1])


def sign_up(reader: Reader) -> Reader:
    """Sign up with the example, and keep the secrets of the answer."""
    account = reader.play("signUp", times=1)
    reader.token = account["session"]["token"]
    reader.own |= {NAME: account["sign_in_name"], RECOVERY_CODE: account["recovery_code"]}
    return reader


def try_the_account(robin: Reader) -> None:
    sign_up(sign_up(robin))
    for _ in range(2):  # a recovery code works once, and the answer holds the next one
        account = robin.play("recoverAccount", times=1)
        robin.token = account["session"]["token"]
        robin.own[RECOVERY_CODE] = account["recovery_code"]
    for name in (
        "getServer",
        "getSafetyPage",
        "signIn",
        "listSignIns",
        "listSecurityEvents",
        "changePassword",
        "renewRecoveryCode",
    ):
        robin.play(name)
    for name in (
        "putProfile",
        "getProfile",
        "putStuck",
        "getHelp",
        "dismissHelpCard",
        "getSafetyCheck",
        "createExport",
        "createImport",
    ):
        robin.play(name)
    for name in ("listReceived", "listBlocks", "getCatalogue", "getPromptOfDay", "listPrompts", "drawCards"):
        robin.play(name)
    for name in ("renewCalendarFeed", "getCalendarFeed", "editCalendarFeed", "deleteCalendarFeed"):
        robin.play(name)
    for name in ("listGuides", "listSelfCarePlans", "listSupportKinds"):
        robin.play(name)
    take_care(robin)
    for name in ("putAvailability", "getAvailability"):
        robin.play(name)
    imported = robin.play("importBusyCalendar")["id"]
    robin.play("getBusyCalendar", calendar_id=imported)
    robin.play("editBusyCalendar", calendar_id=imported)
    calendar = robin.play("createBusyCalendar", id=None, times=1)["id"]
    robin.play("refreshBusyCalendar", calendar_id=calendar, times=1)
    robin.play("listBusyCalendars")
    robin.play("putDevice", installation_id="0c9f3a34-93d1-4c0c-8b50-0f2a5d1f9c33")
    robin.play("listDevices")
    robin.play("putPreferences")
    robin.play("getPreferences")


def try_mail(robin: Reader, boxes: Mailboxes) -> None:
    def read(mails: int) -> None:
        boxes.wait_for_codes(mails, ADDRESS)
        robin.own[MAIL_CODE] = boxes.code(ADDRESS)

    robin.play("putEmailAddress")
    read(2)
    for name in ("confirmEmailAddress", "editEmailAddress", "getEmailAddress"):
        robin.play(name)
    robin.play("requestPasswordReset")
    read(4)
    robin.token = robin.play("resetPassword", times=1)["session"]["token"]  # a code works once
    robin.play("deleteEmailAddress")


def try_ideas_and_notes(robin: Reader) -> None:
    idea = robin.play("createActivity")["id"]
    robin.play("editActivity", activity_id=idea)
    robin.play("getActivity", activity_id=idea)
    card = robin.play("getDeck")["items"][0]["id"]
    robin.play("putVote", activity_id=card)
    robin.play("retractVote", activity_id=card)
    memory = robin.server.request("POST", "/v1/notes", robin.token, {"kind": "memory", "body": "The bench."})[1]["id"]
    robin.own[NOTE] = memory
    photo = robin.play("createPhoto")["id"]
    for name in ("getPhoto", "getPhotoFile"):
        robin.play(name, photo_id=photo)
    robin.play("listPhotos")
    robin.play("listPhotosOfActivity", activity_id=idea)
    robin.play("deletePhoto", photo_id=photo)
    robin.server.request("DELETE", f"/v1/notes/{robin.own.pop(NOTE)}", robin.token)
    note = robin.play("createNote")["id"]
    robin.play("getNote", note_id=note)
    robin.play("editNote", note_id=note)


def reflect(robin: Reader) -> None:
    for name in (
        "unlockReflections",
        "getReflectionLock",
        "lockReflections",
        "unlockReflections",
        "getReflectionSuggestion",
    ):
        robin.play(name)
    reflection = robin.play("createReflection")["id"]
    robin.play("getReflection", reflection_id=reflection)
    robin.play("editReflection", reflection_id=reflection)
    robin.play("listReflections")
    robin.own['"reflections": 3'] = '"reflections": 1'
    robin.play("beginReflectionsAfresh", times=1)


def become_a_couple(robin: Reader, kim: Reader) -> None:
    def invite(**more: Any) -> None:
        invitation = robin.play("createInvitation", times=1, **more)
        for reader in (robin, kim):
            reader.own |= {CODE: invitation["code"], INVITATION: invitation["id"]}

    for reader in (robin, kim):  # only a couple that is together writes down what it agreed on already
        reader.own['"rhythm": "gentle"'] = '"rhythm": "together"'
    invite()
    robin.play("createInvitation")
    robin.play("getCurrentInvitation")
    robin.play("getInvitationQrCode")
    kim.play("lookUpInvitation")
    kim.play("acceptInvitation")
    robin.play("refuseInvitation")
    kim.play("withdrawInvitation", times=1)
    invite(id=None)
    kim.play("declineInvitation", times=1)  # a code works once
    robin.play("withdrawInvitation", times=1)
    invite(id=None)
    kim.play("acceptInvitation")
    robin.play("confirmInvitation")
    for name in ("getCouple", "getMe", "editMe", "getToday", "putSharing"):
        robin.play(name)


def find_activity(reader: Reader) -> str:
    """Return the id of an activity for two in public that the couple may propose now."""
    items = reader.server.request("GET", "/v1/activities?for=two&pace=2&limit=100", reader.token)[1]["items"]
    return next(item["id"] for item in items if item["pace"] == 2)


def plan_dates(robin: Reader, kim: Reader) -> None:
    for reader in (robin, kim):
        reader.own[ACTIVITY] = find_activity(robin)

    def propose(sender: Reader, **more: Any) -> str:
        date = sender.play("proposeDate", times=1, **more)
        for reader in (robin, kim):
            reader.own |= {DATE: date["id"], SLOT: date["slots"][0]["id"]}
        return str(date["id"])

    first = propose(robin)
    robin.play("proposeDate")
    robin.play("getDate", date_id=first)
    kim.play("acceptDate", date_id=first)
    robin.play("getDateAsCalendar", date_id=first)
    robin.play("listPhotosOfDate", date_id=first)
    change_a_date(robin, kim, first)
    robin.play("cancelDate", date_id=first)
    for name in ("confirmDate", "denyDate"):
        kim.play(name, date_id=write_down(robin))
    kim.play("declineDate", date_id=propose(robin, id=None))
    third = propose(robin, id=None)
    kim.play("counterDate", date_id=third)
    kim.play("withdrawDate", date_id=third)
    last = propose(kim, id=None)
    robin.play("acceptDate", date_id=last)
    for name in ("listDates", "listNotes", "listInbox", "listSuggestions", "searchActivities", "listMatches"):
        robin.play(name)
    robin.play("listSlots", activity_id=robin.own[ACTIVITY])
    robin.play("putSomedayItem", activity_id=robin.own[ACTIVITY])
    kim.play("getSomedayList")
    kim.play("deleteSomedayItem", activity_id=robin.own[ACTIVITY])
    keep_a_ritual(robin)
    answer_a_question(robin)
    add_a_day(robin)
    robin.server.jump_to(datetime.now(UTC) + LATER)
    kim.play("completeDate", date_id=last)
    robin.play("putFeedback", date_id=last)
    for name in ("getMemory", "putMemoryHidden"):
        robin.play(name, date_id=last)
    for name in ("listMemories", "listMemoryPlaces", "listOnThisDay", "getUs"):
        robin.play(name)
    kim.play("markDateNotHappened", date_id=last)


def take_care(robin: Reader) -> None:
    """Choose a plan and tick a checklist. In the examples, the plan begins on another day."""
    robin.own["2026-11-24"] = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}"
    plan = robin.play("choosePlan")["id"]
    robin.own[PLAN] = plan
    for name in ("listActionTimes", "listChosenPlans"):
        robin.play(name)
    for name in ("getChosenPlan", "adaptPlan"):
        robin.play(name, plan_id=plan)
    for name in ("putChecklist", "listChecklists"):
        robin.play(name)
    start = f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d}"
    robin.own["2026-11-28"] = start
    robin.play("planAppointment", id=None, times=1)
    del robin.own["2026-11-28"], robin.own["2026-11-24"]


def change_a_date(robin: Reader, kim: Reader, date: str) -> None:
    """Change an agreed date. In the examples, the partner proposed it."""
    robin.play("editDate", date_id=date)
    kim.play("moveDate", date_id=date)
    kim.play("withdrawMove", date_id=date)
    for name in ("declineMove", "acceptMove"):
        start = f"{datetime.now(UTC) + timedelta(days=8):%Y-%m-%dT19:00}"
        body = {"slots": [{"local_time": start}]}
        moved = robin.server.request("POST", f"/v1/dates/{date}/move", robin.token, body, **{"If-Match": "*"})[1]
        kim.own[SLOT] = moved["move"]["slots"][0]["id"]
        kim.play(name, date_id=date)


def write_down(robin: Reader) -> str:
    """Write down a date that the two agreed on already. The example of the route is a proposal."""
    start = f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%dT19:00}"
    body = {"activity_id": robin.own[ACTIVITY], "slots": [{"local_time": start}], "agreed": True}
    return str(robin.server.request("POST", "/v1/dates", robin.token, body)[1]["id"])


def add_a_day(robin: Reader) -> None:
    day = robin.play("createImportantDay")["id"]
    for name in ("getImportantDay", "editImportantDay", "shareImportantDay"):
        robin.play(name, day_id=day)
    robin.play("listImportantDays")


def answer_a_question(robin: Reader) -> None:
    robin.play("listCurrentQuestions")
    question = robin.play("drawQuestion")["id"]
    robin.play("getQuestion", question_id=question)
    robin.play("putAnswer", question_id=question)
    robin.play("deleteAnswer", question_id=question)
    robin.play("listOpenQuestions")


def keep_a_ritual(robin: Reader) -> None:
    """Plan a ritual alone: changing one of two would need more proposals than there are."""
    ideas = robin.server.request("GET", "/v1/activities?for=one", robin.token)[1]["items"]
    start = f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%dT19:00}"
    body = {"activity_id": ideas[0]["id"], "for": "one", "slots": [{"local_time": start}], "repeat": {"every": "week"}}
    ritual = robin.server.request("POST", "/v1/dates", robin.token, body)[1]["ritual"]["id"]
    robin.play("listRituals")
    robin.play("getRitual", ritual_id=ritual)
    robin.play("changeRitual", ritual_id=ritual, id=None, times=1)
    robin.play("stopRitual", ritual_id=ritual)


def hold_a_talk(robin: Reader, kim: Reader) -> None:
    """Hold a talk up to a pause, which takes twenty minutes."""
    talk = robin.play("openTalk")["id"]
    robin.play("getCurrentTalk")
    robin.play("beReady", talk_id=talk)
    kim.server.request("POST", f"/v1/talks/{talk}/ready", kim.token, {})
    robin.play("goToNextStep", talk_id=talk)
    robin.play("getTalk", talk_id=talk)
    robin.play("pauseTalk", talk_id=talk)
    robin.server.jump_to(datetime.now(UTC) + LATER + timedelta(minutes=30))
    robin.play("resumeTalk", talk_id=talk)
    robin.play("stopTalk", talk_id=talk)


def settle(robin: Reader, kim: Reader) -> None:
    note = robin.server.request("GET", "/v1/notes", robin.token)[1]["items"][0]["id"]
    robin.play("shareNote", note_id=note)
    item = kim.server.request("GET", "/v1/inbox", kim.token)[1]["items"][0]["id"]
    kim.play("markInboxItemSeen", item_id=item)
    kim.play("markInboxSeen")
    kim.play("putReaction", note_id=note)
    kim.play("takeBackReaction", note_id=note)
    ask_and_promise(robin, kim)
    robin.play("recallNote", note_id=note)
    for name in ("getPace", "putPace", "getRhythm", "putRhythm", "putSpace", "getSpace", "listHeld", "endSpace"):
        robin.play(name)
    for name in ("releaseHeld", "dismissHeld"):
        robin.play(name)
    robin.play("confirmSignIn")
    for name in ("getPasskeyChallenge", "preparePasskey", "listPasskeys"):
        robin.play(name)
    robin.play("leaveCouple", times=1)
    robin.play("blockPerson")
    # Deleting an account signs its owner out.
    robin.play("deleteMe", times=1)
    robin.play("undoDeletion", times=1)


def ask_and_promise(robin: Reader, kim: Reader) -> None:
    """Ask for something four times, because each request has one answer, and promise something."""

    def ask(body: str) -> str:
        return str(robin.server.request("POST", "/v1/requests", robin.token, {"body": body})[1]["id"])

    robin.play("sendRequest")
    robin.play("listRequests")
    robin.play("withdrawRequest", request_id=robin.play("listRequests")["items"][0]["id"])
    for name in ("acceptRequest", "declineRequest", "answerRequest"):
        kim.play(name, request_id=ask(f"Could you do this? {name}"))
    robin.play("getRequest", request_id=ask("Could you do that?"))
    promise = robin.play("createCommitment")
    for name in ("listCommitments", "getCommitment", "logCommitmentDay", "clearCommitmentDay", "editCommitment"):
        robin.play(name, commitment_id=promise["id"], day=promise["first_day"])


SIGNED = {"addPasskey", "signInWithPasskey"}
"""The routes that take what a device has signed. No example of that can be right."""

ENDS = {
    "deleteBusyCalendar",
    "deleteDevice",
    "deleteSignIn",
    "removePasskey",
    "deleteCurrentSignIn",
    "deleteImportantDay",
    "deleteNote",
    "deleteReflection",
    "deleteCommitment",
    "retireActivity",
    "liftBlock",
    "dropPlan",
}
"""The routes that delete a thing. They have no example: a second try finds nothing to delete."""


def test_every_example_can_be_tried_twice(robin: Reader, boxes: Mailboxes) -> None:
    try_the_account(robin)
    try_mail(robin, boxes)
    try_ideas_and_notes(robin)
    reflect(robin)
    kim = sign_up(Reader(robin.server, robin.server.request("GET", "/openapi.json")[1]))  # with another example id
    become_a_couple(robin, kim)
    plan_dates(robin, kim)
    hold_a_talk(robin, kim)
    settle(robin, kim)
    every = {entry["operationId"] for path in robin.document["paths"].values() for entry in path.values()}
    # The days of listFreeTimes must be within the next four weeks.
    assert sorted(every - robin.played - kim.played - ENDS - SIGNED) == ["getPrompt", "listFreeTimes"]
