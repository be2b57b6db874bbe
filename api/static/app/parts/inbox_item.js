// An inbox item: a fixed sentence of the server, which leads to what it is about.
import { Refusal } from "../api.js";
import { formatInstant, t } from "../i18n.js";
import { send } from "../outbox.js";
import { change, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html, useEffect } from "../vendor/preact/preact-11.2.0.js";
import { Icon } from "./controls.js";

/** @type {Partial<Record<Schemas["InboxItem"]["kind"], string>>} */
const SCREENS = {
  couple_ended: "/us",
  new_sign_in: "/me/sign-ins",
  new_passkey: "/me/sign-ins",
  pace_lowered: "/us/pace",
  pace_raised: "/us/pace",
  rhythm_calmer: "/us/rhythm",
  rhythm_livelier: "/us/rhythm",
  space_said: "/",
};

/** Return the screen that shows what an item is about. @param {Schemas["InboxItem"]} item */
export function pathOf(item) {
  const { type, id } = item.subject ?? { type: "", id: "" };
  if (type === "date") return `/dates/${id}`;
  if (type === "talk") return `/talks/${id}`;
  if (type === "note") return `/notes/${id}`;
  if (type === "request") return `/notes/requests/${id}`;
  if (type === "important_day") return `/calendar/days/${id}`;
  if (type === "question") return `/notes/for-two/${id}`;
  return SCREENS[item.kind] ?? (type === "invitation" ? "/us/invitation" : "/us");
}

/** Mark an item as seen, here at once and on the server when it can be reached. @param {Schemas["InboxItem"]} item */
export async function markSeen(item) {
  if (item.seen_at) return;
  changeHere((each) => each.id === item.id, 1);
  await sendSeen(`/inbox/${item.id}/seen`, undefined);
}

/** Mark the items about a thing as seen when its screen opens, or when one arrives while it is open.
 * @param {string} type such as "date" or "note" @param {string} [id] without it, all things of the type
 * @param {string} [kind] only items of this kind */
export function useSeen(type, id, kind) {
  const items = useResource("/today").data?.inbox ?? [];
  const about = items.filter(({ subject }) => subject?.type === type && (!id || subject.id === id)).filter((item) => !kind || item.kind === kind);
  const ids = about.map((item) => item.id).join(" ");
  useEffect(() => {
    for (const item of about) markSeen(item);
  }, [ids]);
}

/** Mark all items as seen, up to the newest on the screen. @param {string} until */
export async function markAllSeen(until) {
  changeHere((each) => each.visible_at <= until, Infinity);
  await sendSeen("/inbox/seen", { until });
}

/** Show items as seen on all screens. @param {(item: Schemas["InboxItem"]) => boolean} isSeen @param {number} count */
function changeHere(isSeen, count) {
  /** @param {Schemas["InboxItem"]} item */
  const isLeft = (item) => !isSeen(item);
  const seen_at = new Date().toISOString();
  /** @param {Schemas["InboxItem"]} item */
  const mark = (item) => (isSeen(item) && !item.seen_at ? { ...item, seen_at } : item);
  change("/inbox?unseen=true", (page) => ({ ...page, items: page.items.filter(isLeft) }));
  change("/inbox", (page) => ({ ...page, items: page.items.map(mark) }));
  change("/today", (today) => ({ ...today, inbox: today.inbox.filter(isLeft), unseen: Math.max(0, today.unseen - count) }));
}

/** @param {string} path @param {any} body */
async function sendSeen(path, body) {
  try {
    await send("seen", "POST", path, body);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error; // the item is gone: then there is nothing to mark
  }
}

/** The row of an item. @param {{item: Schemas["InboxItem"], hasTime?: boolean}} props */
export function InboxRow({ item, hasTime = false }) {
  const isNew = !item.seen_at;
  return html`<li>
    <${Link} class=${isNew ? "row inbox-row new" : "row inbox-row"} to=${pathOf(item)} onClickCapture=${() => markSeen(item)}>
      <span>${isNew && hasTime ? html`<b>${item.text}</b>` : item.text}
        ${item.subject?.title && html`<small>${item.subject.title}</small>`}
        ${hasTime && html`<small><time datetime=${item.visible_at}>${formatInstant(item.visible_at)}</time></small>`}</span>
      ${isNew && hasTime && html`<span class="new-mark">${t("inbox.new")}</span>`}
      <${Icon} name="chevron-right" class="ahead" />
    <//>
  </li>`;
}
