// A date in short: when it is, what state it is in, and the card or row that leads to it.
import { formatDayTime, formatLongDay, formatMinutes, formatRelative, formatTime, t } from "../i18n.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { CategoryPicture } from "./activity.js";
import { Icon } from "./controls.js";

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

/** The state of a date, as a small label. @param {{date: Schemas["PlannedDate"], partner?: string}} props */
export function DateState({ date, partner }) {
  const { text, icon, tone } = stateOf(date, partner);
  return html`<span class="date-state ${tone}"><${Icon} name=${icon} />${text}</span>`;
}

/** When a slot is, in the viewer's own time. @param {{slot: Schemas["TimeSlot"]}} props */
export function SlotTime({ slot }) {
  return html`<time datetime=${slot.start}>${formatDayTime(slot.viewer_local_time)}</time>`;
}

/**
 * The next agreed date, large, with a countdown.
 * @param {{date: Schemas["PlannedDate"]}} props
 */
export function NextDate({ date }) {
  const slot = date.slots[0];
  if (!slot) return null;
  return html`<article class="card ember next-date">
    <p class="countdown">${formatRelative(slot.start)}</p>
    <h3><${Link} to="/dates/${date.id}">${date.activity.title}<//></h3>
    <p class="with-icon"><${Icon} name="calendar" />
      ${formatLongDay(slot.viewer_local_time)}, ${formatTime(slot.viewer_local_time)} · ${formatMinutes(slot.minutes)}</p>
    ${date.for === "one" && html`<p class="with-icon"><${Icon} name="user" />${t("dates.just_me")}</p>`}
    ${date.message && html`<p class="quote">${date.message}</p>`}
  </article>`;
}

/**
 * A row that leads to a date. `slot` shows one of its times only, without the day.
 * @param {{date: Schemas["PlannedDate"], partner?: string, note?: any, slot?: Schemas["TimeSlot"]}} props
 */
export function DateRow({ date, partner, note, slot }) {
  const times = slot
    ? html`<time datetime=${slot.start}>${formatTime(slot.viewer_local_time)}</time> · ${formatMinutes(slot.minutes)}`
    : date.slots.map((each, index) => html`${index > 0 && " · "}<${SlotTime} key=${each.id} slot=${each} />`);
  return html`<li>
    <${Link} class="row date-row" to="/dates/${date.id}">
      <${CategoryPicture} category=${date.activity.category} />
      <span><b>${date.activity.title}</b>
        <small>${times}</small>
        ${note && html`<small class="note-line">${note}</small>`}
        <${DateState} date=${date} partner=${partner} /></span>
      <${Icon} name="chevron-right" class="ahead" />
    <//>
  </li>`;
}
