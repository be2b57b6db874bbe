// The viewer's own record: everything that reached them in twelve months. It needs the password each time.
import { request } from "../api.js";
import { formatDay, formatInstant, formatWall, t } from "../i18n.js";
import { ActionError, Button, Icon, PasswordField, useAction } from "../parts/controls.js";
import { labelOf, useKinds } from "../parts/note.js";
import { Empty, Page } from "../parts/page.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

export default function Received() {
  const [password, setPassword] = useState("");
  const [items, setItems] = useState(/** @type {Schemas["ReceivedItem"][] | null} */ (null));
  const [next, setNext] = useState(/** @type {string | null} */ (null));
  // The password stays in the memory of this screen, for the next pages. It is gone when the screen closes.
  const load = useAction(async () => {
    const { data } = await request("POST", "/me/received", { body: { password, after: next } });
    setItems([...(items ?? []), ...data.items]);
    setNext(data.next);
    if (!data.next) setPassword("");
  });
  return html`<${Page} title=${t("notes.record")} back="/notes" lead=${items ? undefined : t("notes.record_lead")}>
    ${items === null
      ? html`<form onSubmit=${(/** @type {Event} */ event) => {
          event.preventDefault();
          load.run();
        }}>
          <ul class="meaning">
            <li><${Icon} name="book-open" /><span>${t("notes.record_stays")}</span></li>
            <li><${Icon} name="clock" /><span>${t("notes.record_ends")}</span></li>
            <li><${Icon} name="lock" /><span>${t("notes.record_only_you")}</span></li>
          </ul>
          <${PasswordField} label=${t("common.password")} autocomplete="current-password" required=${true} value=${password} onInput=${setPassword} />
          <${ActionError} error=${load.error} />
          <${Button} kind="primary" type="submit" icon="book-open" busy=${load.busy} disabled=${!password || load.busy}>${t("notes.record_open")}<//>
        </form>`
      : html`<${Items} items=${items} />
        <${ActionError} error=${load.error} />
        ${next && html`<${Button} class="wide" busy=${load.busy} onClick=${() => load.run()}>${t("common.more")}<//>`}`}
  <//>`;
}

/** @param {{items: Schemas["ReceivedItem"][]}} props */
function Items({ items }) {
  const kinds = useKinds();
  if (items.length === 0) return html`<${Empty} art="notes" title=${t("notes.record_empty")}><p>${t("notes.record_empty_text")}</p><//>`;
  return html`<h2 class="hidden">${t("notes.record")}</h2><ul class="papers">
    ${items.map(
      (item) => html`<li key=${item.id} class="paper">
        <h3 class="eyebrow">${headingOf(item, kinds)}</h3>
        <p class="handwriting">${textOf(item)}</p>
        <p class="note-foot"><time datetime=${item.received_at}>${formatInstant(item.received_at)}</time>
          ${item.sender_name && html`<span>${t("notes.from", { name: item.sender_name })}</span>`}</p>
      </li>`,
    )}
  </ul>`;
}

/** @param {Schemas["ReceivedItem"]} item @param {Schemas["CatalogueEntry"][]} kinds */
function headingOf(item, kinds) {
  if (item.kind === "idea") return t("notes.record_idea");
  if (item.kind === "day") return t("days.one");
  if (item.kind === "answer") return t("notes.record_answer");
  if (item.kind === "message") return t("notes.record_message");
  if (item.kind === "request") return t("notes.record_request");
  return labelOf(String(item.content.kind), kinds) || t("notes.record_note");
}

/** Return the words of an item: all of an idea's texts. @param {Schemas["ReceivedItem"]} item */
function textOf({ kind, content, sender_name }) {
  if (kind === "request") return [content.body, content.day && formatDay(String(content.day))].filter(Boolean).join("\n");
  const captions = Array.isArray(content.photos) ? content.photos : "photo" in content ? [content.photo] : [];
  const photos = captions.map(photoLine);
  if (kind === "day") return dayText(content, sender_name);
  if (kind === "answer") return `${content.question}\n\n${content.body}`;
  if (kind === "note") return [content.body, ...photos].join("\n");
  if (kind === "message") return [content.message, content.place, ...photos].filter(Boolean).join("\n");
  return [content.title, content.summary, ...(Array.isArray(content.steps) ? content.steps : []), ...photos].filter(Boolean).join("\n");
}

/** Return a line about a photo, of which the record has the words only. @param {unknown} caption */
const photoLine = (caption) => (caption ? t("photos.record", { caption: String(caption) }) : t("photos.record_bare"));

/** Return what an important day was called, and when it comes.
 * @param {Record<string, unknown>} content as its owner wrote it @param {string | null} sender */
function dayText({ kind, title, birthday_of, month, day }, sender) {
  const name = title ? String(title)
    : birthday_of === "partner" ? t("days.own_birthday")
      : birthday_of === "me" && sender ? t("days.birthday_of", { name: sender })
        : t(`days.kind_${/** @type {Schemas["ImportantDayKind"]} */ (kind)}`);
  const wall = `2024-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  return `${name}\n${formatWall(wall, { day: "numeric", month: "long" })}`;
}
