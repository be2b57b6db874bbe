// A memory in short: when and where it was, its card in a list, and the wish not to see it.
import { formatWall, t } from "../i18n.js";
import { request } from "../api.js";
import { refreshShown } from "../resources.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { CategoryPicture } from "./activity.js";
import { ActionError, Button, Icon, useAction } from "./controls.js";
import { say } from "./dialog.js";
import { NoteCard, useKinds, usePartner } from "./note.js";
import { Thumbnails } from "./photos.js";
import { addDays } from "./times.js";

/** @typedef {Schemas["Memory"]} Memory */

/** Format a month: "November 2026". @param {string} month 2026-11 */
export const formatMonth = (month) => formatWall(`${month}-01`, { month: "long", year: "numeric" });

/** Format the day of a memory: "Saturday 28 November 2026", or the first and last of whole days. @param {Memory} memory */
export function dayText({ day, days }) {
  const long = /** @type {const} */ ({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
  if (days === null || days < 2) return formatWall(day, long);
  const short = /** @type {const} */ ({ day: "numeric", month: "long", year: "numeric" });
  return t("memories.from_to", { first: formatWall(day, short), last: formatWall(addDays(day, days - 1), short) });
}

/** Where and with whom it was. @param {{memory: Memory}} props */
export function MemoryFacts({ memory }) {
  return html`<p class="memory-facts">
    <span class="with-icon"><${Icon} name="calendar" /><time datetime=${memory.day}>${dayText(memory)}</time></span>
    ${memory.place && html`<span class="with-icon"><${Icon} name="map-pin" />${memory.place}</span>`}
    ${memory.for === "one" && html`<span class="with-icon"><${Icon} name="user" />${t("dates.just_me")}</span>`}
  </p>`;
}

/** The card of a memory in a list, which leads to it. One without a date is the card of its note.
 * @param {{memory: Memory, children?: any}} props */
export function MemoryCard({ memory, children }) {
  const kinds = useKinds();
  const partner = usePartner();
  const [note] = memory.notes;
  if (!memory.activity) return note && html`<${NoteCard} note=${note} kinds=${kinds} partner=${partner} withAuthor />`;
  return html`<li class="card memory-card">
    <${CategoryPicture} category=${memory.activity.category} />
    <div>
      <h3><${Link} to="/memories/${memory.id}">${memory.activity.title}<//></h3>
      <${MemoryFacts} memory=${memory} />
      ${note && html`<p class="handwriting">${note.body}</p>`}
      <${Thumbnails} photos=${memory.photos} />
      ${children}
    </div>
  </li>`;
}

/** A button that hides a memory for good, or shows it again. @param {{memory: Memory, label?: string}} props */
export function HideButton({ memory, label = t("memories.hide") }) {
  const save = useAction(async () => {
    await request("PUT", `/memories/${memory.id}/hidden`, { body: { hidden: !memory.hidden } });
    await refreshShown();
    say(t(memory.hidden ? "memories.shown_said" : "memories.hidden_said"));
  });
  return html`<${ActionError} error=${save.error} />
    <${Button} kind="quiet" icon=${memory.hidden ? "eye" : "eye-off"} busy=${save.busy} onClick=${save.run}>
      ${memory.hidden ? t("memories.show") : label}<//>`;
}
