// A date in short: when it is, what state it is in, and the card that leads to it.
import { formatDayTime, formatLongDay, formatMinutes, formatRelative, formatTime } from "../i18n.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { CategoryPicture } from "./activity.js";
import { Icon } from "./controls.js";

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
    ${date.message && html`<p class="quote">${date.message}</p>`}
  </article>`;
}

/** A row that leads to a date. @param {{date: Schemas["PlannedDate"], note?: any}} props */
export function DateRow({ date, note }) {
  return html`<li>
    <${Link} class="row" to="/dates/${date.id}">
      <${CategoryPicture} category=${date.activity.category} />
      <span><b>${date.activity.title}</b>
        <small>${date.slots.map((slot, index) => html`${index > 0 && " · "}<${SlotTime} key=${slot.id} slot=${slot} />`)}</small>
        ${note && html`<small>${note}</small>`}</span>
      <${Icon} name="chevron-right" class="ahead" />
    <//>
  </li>`;
}
