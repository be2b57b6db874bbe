// The story of two people, told by the client that openapi-typescript and openapi-fetch make from the document.
// It has no cast, no `any` and no `!`: `npm run lint` refuses them, so the types of the document alone must carry it.
// Run: node walk.ts http://127.0.0.1:8000 (it prints to when to set the server's clock, and then waits for a line)

import assert from "node:assert/strict";
import { once } from "node:events";

import createClient from "openapi-fetch";

import type { paths } from "../../build/clients/openapi-typescript/schema.ts";

type Answer<T> = { data?: T; error?: unknown; response: Response };
type Phone = ReturnType<typeof phone>;

const [server = "http://127.0.0.1:8000"] = process.argv.slice(2);

function phone(token?: string) {
  return createClient<paths>({ baseUrl: server, headers: token ? { Authorization: `Bearer ${token}` } : {} });
}

/** Return the data of an answer that must be a success. */
function ok<T>({ data, error, response }: Answer<T>): T {
  if (data === undefined) throw new Error(`${response.status} ${response.url} ${JSON.stringify(error)}`);
  return data;
}

/** Return a value that the document allows to be missing, but not here. */
function present<T>(value: T | null | undefined): T {
  assert.ok(value !== null && value !== undefined);
  return value;
}

function first<T>(items: readonly T[]): T {
  return present(items[0]);
}

/** Return the header that says which version a move starts from. */
function ifMatch(version: number) {
  return { "If-Match": `"${version}"` };
}

async function signUp(name: string, zone: string): Promise<Phone> {
  const body = { display_name: name, password: "correct horse battery", zone };
  const { session } = ok(await phone().POST("/v1/people", { body }));
  return phone(session.token);
}

async function becomeCouple(robin: Phone, kim: Phone): Promise<void> {
  const invitation = ok(await robin.POST("/v1/invitations", { body: {} }));
  const code = present(invitation.code);
  const preview = ok(await kim.POST("/v1/invitations/look-up", { body: { code } }));
  assert.equal(preview.inviter_name, "Robin");
  const accepted = ok(await kim.POST("/v1/invitations/accept", { body: { code, rhythm: "gentle" } }));
  assert.deepEqual(accepted.check_words, preview.check_words);
  const yes = await robin.POST("/v1/invitations/confirm", {
    body: { invitation_id: invitation.id, rhythm: "together" },
  });
  assert.equal(ok(yes).pairing, "paired");
  assert.equal(ok(await robin.GET("/v1/couple")).partner, "Kim");
}

/** Propose an idea for a day in the week, accept it, and return the date when it is over. */
async function spendTime(robin: Phone, kim: Phone): Promise<string> {
  const ideas = ok(await robin.GET("/v1/suggestions", { params: { query: { cost_band: 0, minutes: 120 } } }));
  const { activity, reasons } = first(ideas.items);
  assert.ok(first(reasons).text.length > 0);
  const inThreeDays = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  const slots = [{ local_time: `${inThreeDays}T15:00`, minutes: 60 }];
  const proposed = ok(await robin.POST("/v1/dates", { body: { activity_id: activity.id, slots } }));
  assert.deepEqual(proposed.actions, ["withdraw"]);

  const received = first(ok(await kim.GET("/v1/today")).waiting);
  assert.equal(received.id, proposed.id);
  const path = { date_id: received.id };
  const slot = first(received.slots);
  const moved = { path, header: ifMatch(received.version) };
  const accepted = ok(await kim.POST("/v1/dates/{date_id}/accept", { params: moved, body: { slot_id: slot.id } }));
  assert.equal(accepted.state, "accepted");

  await setClock(slot.end);
  const { version } = ok(await robin.GET("/v1/dates/{date_id}", { params: { path } }));
  const over = { path, header: ifMatch(version) };
  const completed = ok(await robin.POST("/v1/dates/{date_id}/complete", { params: over }));
  assert.equal(completed.state, "completed");
  for (const person of [robin, kim]) {
    ok(await person.PUT("/v1/dates/{date_id}/feedback", { params: { path }, body: { feeling: "lighter", rating: 4 } }));
  }
  return path.date_id;
}

/** Print an instant, and wait until the reader has set the server's clock to it. */
async function setClock(instant: string): Promise<void> {
  console.log(instant);
  await once(process.stdin, "data");
}

async function appreciate(robin: Phone, kim: Phone, date: string): Promise<void> {
  const prompt = ok(await kim.GET("/v1/prompts/today"));
  const body = "You waited for me in the rain.";
  const kind = prompt.note_kind ?? "kindness"; // not every question asks for a note
  const note = ok(await kim.POST("/v1/notes", { body: { kind, body, date_id: date, prompt_id: prompt.id } }));
  assert.equal(note.state, "private");
  const params = { path: { note_id: note.id }, header: ifMatch(present(note.version)) };
  ok(await kim.POST("/v1/notes/{note_id}/share", { params }));
  const notes = ok(await robin.GET("/v1/notes", { params: { query: { from: "partner" } } }));
  assert.equal(first(notes.items).body, body);

  const item = first(ok(await robin.GET("/v1/inbox")).items);
  assert.equal(item.kind, "note_shared");
  const path = { item_id: item.id };
  assert.ok(ok(await robin.POST("/v1/inbox/{item_id}/seen", { params: { path } })).seen_at);
}

const robin = await signUp("Robin", "Europe/Lisbon");
const kim = await signUp("Kim", "America/New_York");
await becomeCouple(robin, kim);
assert.equal(ok(await kim.GET("/v1/me/rhythm")).own_rhythm, "gentle");
assert.equal(ok(await kim.PUT("/v1/me/rhythm", { body: { rhythm: "apart" } })).rhythm, "apart");
await appreciate(robin, kim, await spendTime(robin, kim));
const today = ok(await robin.GET("/v1/today"));
assert.equal(today.couple?.partner, "Kim");
console.log("The story is told.");
process.exit();
