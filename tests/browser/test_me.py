"""What only the person sees, in the browser: profile, account, sign-ins, safety check, help, export and deletion."""

from __future__ import annotations

import json
import re
import zipfile
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.phones import PASSWORD, sign_up
from tests.browser.test_dates import accept
from tests.browser.test_today import propose

pytestmark = pytest.mark.real_time

NEW_PASSWORD = "a password that no one knows"
KEPT = """() => new Promise((resolve) => {
    const opened = indexedDB.open("rekindle", 1);
    opened.onsuccess = () => {
        const asked = opened.result.transaction("kept").objectStore("kept").getAllKeys();
        asked.onsuccess = () => { opened.result.close(); resolve(asked.result); };
    };
})"""


def choose(phone, fold, *labels):
    phone.page.locator("summary", has_text=re.compile(f"^{fold}")).click()
    for label in labels:
        phone.page.locator("details[open]").get_by_label(label, exact=True).check()
    phone.page.locator("summary", has_text=re.compile(f"^{fold}")).click()


def sign_in_elsewhere(served, account, device):
    body = {"sign_in_name": account.answer["sign_in_name"], "password": PASSWORD, "device": device}
    status, answer = served.request("POST", "/v1/sign-ins", None, body)
    assert status == 201, answer
    return answer["session"]["token"]


def test_a_profile_is_saved_and_waits_without_a_network(open_phone, couple):
    robin, kim = couple
    phone = open_phone(worker=True)
    phone.sign_in(robin, "/me/profile")
    phone.see("Kim is not shown it.")
    choose(phone, "Interests", "Garden", "Music")
    choose(phone, "Like less", "Garden", "Sport")
    choose(phone, "Money", "Free")
    choose(phone, "Children", "They are there, and asleep")
    choose(phone, "How old are your children?", "6 to 11")
    choose(phone, "Do you share a home?", "Yes")
    choose(phone, "How often would you like a date?", "Once a week")
    choose(phone, "What you need", "Without steps")
    phone.page.get_by_role("switch", name="Without alcohol").check()
    phone.check_accessible()
    phone.button("Save").click()
    phone.see("Saved")
    limits = {"cost_band": 0, "children": "asleep", "access": ["step_free"], "alcohol_free": True, "settings": []}
    limits |= {"child_ages": ["school"], "lives_together": True, "cadence": "weekly"}
    saved = {"prompt_kinds": [], "interests": ["music"], "dislikes": ["garden", "sport"], "causes": [], **limits}
    assert robin.send("GET", "/me/profile") == saved

    phone.expect_offline()
    phone.context.set_offline(True)
    choose(phone, "Money", "No limit")
    choose(phone, "Place", "At home")
    phone.button("Save").click()
    phone.see("Saved on this device.")
    phone.go("/me/help")
    phone.go("/me/profile")
    assert "At home" in phone.page.locator("summary", has_text="Place").inner_text()
    phone.context.set_offline(False)
    phone.page.get_by_text("Saved on this device.").wait_for(state="detached")
    assert robin.send("GET", "/me/profile") == {**saved, "cost_band": None, "settings": ["home"]}

    accept(kim, propose(robin))
    phone.go("/ideas")
    phone.see("to leave some time between your dates.")


def test_an_account_is_changed_and_nothing_typed_is_lost(open_phone, couple, served):
    robin, kim = couple
    elsewhere = sign_in_elsewhere(served, robin, "tablet")
    phone = open_phone(timezone_id="America/New_York")
    phone.expect_refusal(401, 403, 409, 412, 422, 429)
    phone.sign_in(robin, "/me/account")
    phone.see(robin.answer["sign_in_name"])
    phone.check_accessible()
    phone.button("Use America/New York").click()
    phone.button("Use America/New York").wait_for(state="detached")
    assert robin.send("GET", "/me")["zone"] == "America/New_York"

    name = phone.page.get_by_label("Display name")
    phone.see("Kim sees the new name.")
    name.fill("নী" * 41)
    phone.see("1 letter too many")
    name.fill("নী" * 40)  # 80 characters, and 40 letters
    expect(phone.page.get_by_text("too many")).to_have_count(0)
    assert name.input_value() == "নী" * 40
    name.fill("Robyn")
    version = robin.send("GET", "/me")["version"]
    robin.send("PATCH", "/me", {"zone": "Europe/Lisbon"}, **{"If-Match": f'"{version}"'})
    phone.button("Change the name").click()  # the account changed on another device
    phone.page.get_by_role("alert").locator(".fault").wait_for()
    assert name.input_value() == "Robyn"
    phone.button("Use America/New York").wait_for()
    with phone.page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        phone.button("Change the name").click()
    assert kim.send("GET", "/couple")["partner"] == "Robyn"
    name.fill("Bobby")
    phone.button("Change the name").click()
    phone.see("Possible again from")
    assert name.input_value() == "Bobby"

    phone.page.get_by_label("Current password").fill("not my password")
    phone.page.get_by_label("New password").fill(NEW_PASSWORD)
    phone.button("Change the password").click()
    phone.see("The current password is wrong.")
    assert phone.page.get_by_label("New password").input_value() == NEW_PASSWORD
    phone.page.get_by_label("Current password").fill(PASSWORD)
    phone.button("Change the password").click()
    phone.see("Your password is changed.")
    assert served.request("GET", "/v1/me", elsewhere)[0] == 401
    assert robin.send("GET", "/me")["display_name"] == "Robyn"

    again = phone.page.get_by_label("Your password, for a new code")
    again.fill("not my password")
    phone.button("Make a new code").click()
    phone.see("The current password is wrong.")
    again.fill(NEW_PASSWORD)
    phone.button("Make a new code").click()
    phone.see("If you forget your password.")
    code = phone.page.locator(".secret-list dd").nth(2).inner_text()
    phone.check_accessible()
    phone.button("I have them").click()
    phone.page.get_by_label("The last 5 characters").fill(code[-5:])
    phone.button("Check", exact=True).click()
    phone.see("Your new code is in use.")
    body = {
        "sign_in_name": robin.answer["sign_in_name"],
        "recovery_code": code,
        "new_password": PASSWORD,
        "device": "x",
    }
    assert served.request("POST", "/v1/recovery", None, body)[0] == 200


def test_sign_ins_end_one_by_one_or_together(open_phone, couple, served):
    robin, _ = couple
    tablet, laptop, car = (sign_in_elsewhere(served, robin, device) for device in ("tablet", "laptop", "car"))
    phone = open_phone()
    phone.sign_in(robin, "/me/sign-ins")
    phone.button("Sign out of tablet").click()
    phone.see("A person who uses that device will see that it is signed out.")
    phone.confirm("Sign out")
    phone.button("Sign out of tablet").wait_for(state="detached")
    assert [served.request("GET", "/v1/me", token)[0] for token in (tablet, laptop, car)] == [401, 200, 200]
    phone.check_accessible()
    phone.button("Sign out everywhere else").click()
    phone.confirm("Sign out")
    phone.see("You are signed in on this device only.")
    assert [served.request("GET", "/v1/me", token)[0] for token in (laptop, car, robin.token)] == [401, 401, 200]

    phone.page.locator(".row", has_text="unnamed device").get_by_role("button").click()
    phone.see("Everything that Rekindle keeps on this device is deleted.")
    phone.confirm("Sign out")
    phone.page.locator(".visitor").wait_for()
    assert phone.page.evaluate(KEPT) == []
    assert served.request("GET", "/v1/me", robin.token)[0] == 401


def test_a_safety_check_ends_a_date_and_empties_the_device(open_phone, couple, served):
    robin, kim = couple
    date = propose(robin)
    kim.send("POST", f"/dates/{date['id']}/accept", {"slot_id": date["slots"][0]["id"]}, **{"If-Match": '"1"'})
    phone = open_phone("iPhone 15")
    phone.sign_in(robin, "/me/safety-check")
    line = phone.page.locator("li.card", has_text=date["activity"]["title"])
    line.get_by_text("How to end it").click()
    line.get_by_text("Your partner may notice this").wait_for()
    phone.check_accessible()
    line.get_by_role("button", name="End it").click()
    phone.confirm("End it")
    line.wait_for(state="detached")
    assert kim.send("GET", f"/dates/{date['id']}")["state"] == "cancelled"
    leaving = phone.page.locator("li.card", has_text="Kim sees you as")
    leaving.get_by_text("How to end it").click()
    assert leaving.get_by_role("link", name="Go there").get_attribute("href") == "/app/us/leaving"
    assert phone.page.title() == "Rekindle"  # the history of the browser does not tell

    phone.button("Empty this device").click()
    phone.see("Your account and your other sign-ins stay.")
    phone.confirm("Empty this device")
    phone.page.locator(".visitor").wait_for()
    assert phone.page.evaluate(KEPT) == []
    assert served.request("GET", "/v1/me", robin.token)[0] == 401


def test_help_appears_when_a_person_feels_stuck(open_phone, couple):
    robin, _ = couple
    phone = open_phone()
    phone.sign_in(robin, "/me/help")
    phone.heading("Nothing to show now").wait_for()
    phone.page.get_by_role("switch", name="I feel stuck").check()
    phone.see("You said that you feel stuck.")
    phone.page.locator("summary", has_text="Couples counsellor").click()
    phone.see("Licensed or registered")
    phone.check_accessible()
    phone.button("Put this card away").click()
    phone.heading("Nothing to show now").wait_for()
    help_now = robin.send("GET", "/me/help")
    assert (help_now["stuck"], help_now["cards"]) == (True, [])
    phone.link("Where you are signed in").click()
    phone.heading("Safety check").wait_for()


def test_an_export_is_handed_over_and_not_kept(open_phone, couple, tmp_path):
    robin, _ = couple
    robin.send("POST", "/notes", {"kind": "kindness", "body": "A secret of mine"})
    phone = open_phone()
    phone.expect_refusal(401, 403, 422)
    phone.sign_in(robin, "/me/export")
    phone.page.get_by_label("Only yours").check()
    phone.page.get_by_label("Password", exact=True).fill("not my password")
    phone.button("Make the file").click()
    phone.page.get_by_role("alert").get_by_text("password").wait_for()
    phone.page.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.check_accessible()
    phone.button("Make the file").click()
    with phone.page.expect_download() as download:
        phone.link("Save the file").click()
    download.value.save_as(tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as file:
        assert "A secret of mine" in file.read("rekindle.json").decode()
    phone.go("/me/help")
    phone.go("/me/export")
    assert phone.page.get_by_label("Password", exact=True).input_value() == ""
    expect(phone.link("Save the file")).to_have_count(0)


def test_both_parts_of_an_export_come_over_to_a_new_account(open_phone, couple, served, tmp_path):
    robin, _ = couple
    newcomer = sign_up(served, "Robin")
    robin.send("POST", "/notes", {"kind": "kindness", "body": "You warmed my hands."})
    files = []
    for part in ("ordinary", "private"):
        files.append(tmp_path / f"{part}.zip")
        sent = {"Authorization": f"Bearer {robin.token}", "Content-Type": "application/json"}
        body = json.dumps({"password": PASSWORD, "part": part}).encode()
        with urlopen(Request(f"http://{served.address}:{served.port}/v1/me/exports", body, sent)) as answer:
            files[-1].write_bytes(answer.read())
    phone = open_phone()
    phone.sign_in(newcomer, "/me/export")
    phone.link("Bring in an export").click()
    choose = phone.page.get_by_label("Your export files")
    choose.set_input_files({"name": "photo.zip", "mimeType": "application/zip", "buffer": b"PK is all that it has"})
    phone.button("Bring it in").click()
    phone.see("This is not an export of Rekindle, or it is damaged.")
    choose.set_input_files(files)
    phone.button("Bring it in").click()
    phone.see("1 new, 0 here already, 0 left out")
    phone.check_accessible()
    phone.button("Bring it in").click()
    phone.see("0 new, 1 here already, 0 left out")
    phone.go("/notes")
    phone.see("You warmed my hands.")


def test_a_deleted_account_can_be_brought_back(open_phone, couple, served):
    robin, kim = couple
    phone = open_phone()
    phone.expect_refusal(401, 403, 422)
    phone.sign_in(robin, "/me/deletion")
    phone.see("It ends for you and Kim")
    phone.page.get_by_label("Password", exact=True).fill("not my password")
    phone.button("Delete my account").click()
    phone.confirm("Delete my account")
    phone.see("The current password is wrong.")
    phone.check_accessible()
    phone.page.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.button("Delete my account").click()
    phone.see("Kim sees that you left")
    phone.confirm("Delete my account")
    phone.heading("Your account is deleted").wait_for()
    phone.see(robin.answer["sign_in_name"])
    phone.check_accessible()
    assert phone.page.evaluate(KEPT) == []
    assert kim.send("GET", "/me")["couple"] is None
    phone.link("Bring it back").click()
    assert phone.page.url.endswith("/undo-deletion")
