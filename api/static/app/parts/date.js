// A date in short: when it is, what state it is in, and the card or row that leads to it.
import { t } from "../i18n.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { CategoryPicture } from "./activity.js";
import { Icon } from "./controls.js";
import { countdown, lengthText, longDays, shortText, wholeDays } from "./slot_text.js";

/** @typedef {{text: string, icon: string, tone: "open" | "good" | "calm"}} State */

/** @type {Record<Schemas["PlannedDate"]["state"], {icon: string, tone: State["tone"]}>} */
const LOOKS = {
  proposed: { icon: "clock", tone: "open" },
  accepted: { icon: "calendar-days", tone: "good" },
  completed: { icon: "circle-check", tone: "good" },
  declined: { icon: "message-circle", tone: "calm" },
  withdrawn: { icon: "undo-2", tone: "calm" },
  cancelled: { icon: "x", tone: "calm" },
  lapsed: { icon: "clock", tone: "calm" },
};

/**
 * Return the state of a date in words, and how it looks.
 * @param {Schemas["PlannedDate"]} date @param {string | undefined} partner their name
 * @returns {State}
 */
export function stateOf(date, partner) {
  const name = partner ?? t("dates.they");
  const byMe = date.sender === "me";
  return { ...LOOKS[date.state], text: textOf() };

  function textOf() {
    if (date.answer === "did_not_happen") return t("dates.not_happened");
    if (date.state === "proposed" && byMe) return t("dates.waits_for_partner", { name });
    if (date.state === "proposed") return date.version > 1 ? t("dates.countered_by", { name }) : t("dates.waits_for_you");
    if (date.state === "withdrawn") return byMe ? t("dates.withdrawn_by_me") : t("dates.withdrawn", { name });
    if (date.state === "declined") {
      const answer = date.answer ?? "no";
      return byMe ? t(`dates.declined_${answer}`, { name }) : t(`dates.declined_by_me_${answer}`);
    }
    if (date.state === "accepted" && date.for === "one") return t("dates.planned_alone");
    return t(`dates.${date.state}`);
  }
}

/**
 * Return what an agreed date waits for, or null: the viewer's answer to a move, or to what the partner wrote down.
 * @param {Schemas["PlannedDate"]} date @param {string | undefined} partner their name
 * @returns {State | null}
 */
export function questionOf(date, partner) {
  const name = partner ?? t("dates.they");
  if (date.move?.sender === "partner") return { icon: "clock", tone: "open", text: t("dates.asks_to_move", { name }) };
  if (date.recorded && date.actions.includes("confirm")) return { icon: "circle-help", tone: "open", text: t("dates.asks_to_confirm", { name }) };
  return null;
}

/** The state of a date, as a small label. @param {{date: Schemas["PlannedDate"], partner?: string}} props */
export const DateState = ({ date, partner }) => html`<${StateLabel} ...${stateOf(date, partner)} />`;

/** @param {State} props */
function StateLabel({ text, icon, tone }) {
  return html`<span class="date-state ${tone}"><${Icon} name=${icon} />${text}</span>`;
}

/** When a slot is, in the viewer's own time. @param {{slot: Schemas["TimeSlot"]}} props */
export function SlotTime({ slot }) {
  return html`<time datetime=${slot.start}>${shortText(slot)}</time>`;
}

/**
 * The next agreed date, large, with a countdown.
 * @param {{date: Schemas["PlannedDate"], partner: string | undefined}} props
 */
export function NextDate({ date, partner }) {
  const slot = date.slots[0];
  const question = questionOf(date, partner);
  if (!slot) return null;
  return html`<article class="card ember next-date">
    <p class="countdown">${countdown(slot)}</p>
    <h3><${Link} to="/dates/${date.id}">${date.activity.title}<//></h3>
    <p class="with-icon"><${Icon} name="calendar" />
      ${longDays(slot)}${wholeDays(slot) ? " · " : ", "}${lengthText(slot)}</p>
    ${date.place && html`<p class="with-icon"><${Icon} name="map-pin" />${date.place}</p>`}
    ${question && html`<${StateLabel} ...${question} />`}
    ${date.for === "one" && html`<p class="with-icon"><${Icon} name="user" />${t("dates.just_me")}</p>`}
    ${date.message && html`<p class="quote">${date.message}</p>`}
  </article>`;
}

/**
 * A row that leads to a date. `slot` shows one of its times only, and the day only of whole days.
 * @param {{date: Schemas["PlannedDate"], partner?: string, note?: any, slot?: Schemas["TimeSlot"]}} props
 */
export function DateRow({ date, partner, note, slot }) {
  const times = slot
    ? html`<time datetime=${slot.start}>${wholeDays(slot) && `${shortText(slot)} · `}${lengthText(slot)}</time>`
    : date.slots.map((each, index) => html`${index > 0 && " · "}<${SlotTime} key=${each.id} slot=${each} />`);
  return html`<li>
    <${Link} class="row date-row" to="/dates/${date.id}">
      <${CategoryPicture} category=${date.activity.category} />
      <span><b>${date.activity.title}</b>
        <small>${times}</small>
        ${note && html`<small class="note-line">${note}</small>`}
        <${StateLabel} ...${questionOf(date, partner) ?? stateOf(date, partner)} /></span>
      <${Icon} name="chevron-right" class="ahead" />
    <//>
  </li>`;
}
