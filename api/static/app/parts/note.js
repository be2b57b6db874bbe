// A note as paper, its card in a list, and what sharing it means.
import { formatInstant, formatInstantDay, t } from "../i18n.js";
import { findInLists, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { countLetters, Icon } from "./controls.js";
import { Confirm, Dialog } from "./dialog.js";
import { Thumbnails } from "./photos.js";
import { ReactionLine } from "./reactions.js";

/** The most letters of a note. */
export const MOST = 4000;
/** The most letters of a shared note, or of an answer for two, at a pace below the third. */
const MOST_AFAR = 400;
/** From here on, a text says how many letters are left. */
const NEAR = 400;

/** Return the kinds of notes with their labels. @returns {Schemas["CatalogueEntry"][]} */
export const useKinds = () => useResource("/catalogue").data?.note_kinds ?? [];

/** Return the label of a kind. @param {string} kind @param {Schemas["CatalogueEntry"][]} kinds */
export const labelOf = (kind, kinds) => kinds.find((each) => each.value === kind)?.label ?? "";

/** Return the name of the viewer's partner, or null without one. */
export const usePartner = () => useResource("/today").data?.couple?.partner ?? null;

/** Return who can see a note. @param {Schemas["Note"]} note @param {string | null} partner */
export function stateText(note, partner) {
  const name = partner ?? t("notes.your_partner");
  if (!note.mine) return t("notes.from", { name });
  if (note.state === "private") return t("notes.state_private");
  return note.state === "shared" ? t("notes.state_shared", { name }) : t("notes.state_recalled");
}

const ICONS = { private: "lock", shared: "users", recalled: "eye-off" };

/** The card of a note in a list, which leads to it.
 * @param {{note: Schemas["Note"], kinds: Schemas["CatalogueEntry"][], partner: string | null, withAuthor?: boolean}} props
 *   `withAuthor` says whose note it is, where notes of both are listed */
export function NoteCard({ note, kinds, partner, withAuthor = false }) {
  const day = note.created_at ?? note.shared_at ?? "";
  return html`<li class="paper note-card ${note.state}">
    <h3 class="eyebrow"><${Link} to="/notes/${note.id}">${labelOf(note.kind, kinds)}<span class="hidden">, ${formatInstantDay(day)}</span><//></h3>
    <p class="handwriting">${note.body}</p>
    <${Thumbnails} photos=${note.photos} />
    <p class="note-foot"><time datetime=${day}>${formatInstantDay(day)}</time>
      ${note.mine && html`<span class="with-icon"><${Icon} name=${ICONS[note.state]} />${stateText(note, partner)}</span>`}
      ${!note.mine && withAuthor && html`<span>${stateText(note, partner)}</span>`}</p>
    <${ReactionLine} note=${note} name=${partner ?? t("notes.your_partner")} />
  </li>`;
}

/** Return a prompt. That of the day, and one from a list, need no network. @param {string | null} id */
export function usePrompt(id) {
  const ofDay = useResource("/today").data?.prompt;
  const prompt = useResource(id ? `/prompts/${id}` : null).data;
  if (prompt || !id) return prompt;
  return ofDay?.id === id ? ofDay : findInLists("/prompts?", id);
}

/** Make a text area as high as its text. @param {HTMLTextAreaElement} area */
export function grow(area) {
  area.style.blockSize = "auto";
  area.style.blockSize = `${area.scrollHeight + 2}px`;
}

/** The question that a note answers. @param {{id: string}} props */
export function NotePrompt({ id }) {
  const prompt = usePrompt(id);
  return prompt && html`<div class="card pine">
    <p class="eyebrow">${t("notes.question")}</p>
    <p class="question">${prompt.text}</p>
    ${prompt.follow_up && html`<p>${prompt.follow_up}</p>`}
  </div>`;
}

/** The date that a note is about. @param {{id: string}} props */
export function NoteDate({ id }) {
  const date = useResource(`/dates/${id}`).data;
  return date && html`<p class="with-icon note-date"><${Icon} name="calendar" />
    <span>${t("notes.about_date")} <${Link} to="/dates/${id}">${date.activity.title}<//></span></p>`;
}

/** Return the most letters that the viewer may send at the present pace, `usual` at most. @param {number} usual */
export function useMostLetters(usual) {
  const pace = useResource("/today").data?.couple?.pace;
  return pace && pace < 3 ? MOST_AFAR : usual;
}

/** Return how many letters are left, and the sentence about it. @param {string} body @param {number} most */
export function lettersLeft(body, most) {
  const left = most - countLetters(body);
  return {
    left,
    fault: left < 0 ? t("common.too_long", { count: -left }) : undefined,
    hint: left >= 0 && left < NEAR ? t("notes.left", { count: left }) : undefined,
  };
}

/** Ask whether to share a note, and say what it means.
 * @param {{partner: string, body: string, busy?: boolean, onYes: () => void, onClose: () => void}} props */
export function ShareDialog({ partner, body, busy = false, onYes, onClose }) {
  const today = useResource("/today").data;
  const shared = today?.allowance?.shared;
  const most = useMostLetters(MOST);
  if (lettersLeft(body, most).left < 0) {
    return html`<${Dialog} title=${t("notes.too_long_title")} onClose=${onClose}>
      <p>${t("notes.too_long_text", { count: most })}</p>
    <//>`;
  }
  return html`<${Confirm} title=${t("notes.share_title", { name: partner })} yes=${t("notes.share_yes", { name: partner })}
      busy=${busy} onYes=${onYes} onClose=${onClose}>
    <ul class="meaning">
      <li><${Icon} name="eye" /><span>${t("notes.share_seen", { name: partner })}</span></li>
      <li><${Icon} name="pencil" /><span>${t("notes.share_fixed")}</span></li>
      <li><${Icon} name="undo-2" /><span>${t("notes.share_recall", { name: partner })}</span></li>
      <li><${Icon} name="book-open" /><span>${t("notes.share_record", { name: partner })}</span></li>
    </ul>
    ${shared && html`<p class="hint">${
      shared.opens_at ? t("notes.share_opens", { when: formatInstant(shared.opens_at) }) : t("notes.share_left", { count: shared.left })
    }</p>`}
  <//>`;
}
