// The calendar: a month with the dates of the chosen day, or a list of what is ahead and what has been.
import { formatLongDay, formatTime, t } from "../i18n.js";
import { outbox } from "../outbox.js";
import { Choice, Icon } from "../parts/controls.js";
import { DateRow, questionOf, stateOf } from "../parts/date.js";
import { ImportantDayRow, titleOf } from "../parts/important_day.js";
import { Month } from "../parts/month.js";
import { Empty, Fault, Loaded, Page, Section, Skeleton } from "../parts/page.js";
import { useDatePages } from "../parts/pages.js";
import { RowLink } from "../parts/rows.js";
import { dayOf, requestText, wholeDays } from "../parts/slot_text.js";
import { addDays, addMinutes, daysOf, nowIn } from "../parts/times.js";
import { refresh, useResource } from "../resources.js";
import { Link, query } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {Schemas["PlannedDate"]} PlannedDate */
/** @typedef {{date: PlannedDate, slot: Schemas["TimeSlot"]}} Entry a date on one of its days */

const PROPOSED = "/dates?show=upcoming&state=proposed&limit=100";
const AHEAD = "/dates?show=upcoming&state=accepted";

/** Change the address without leaving the screen or moving it. @param {Record<string, string>} values */
function setQuery(values) {
  const changed = new URLSearchParams({ ...Object.fromEntries(query.value), ...values });
  history.replaceState(null, "", `${location.pathname}?${changed}`);
  query.value = changed;
}

export default function Calendar() {
  const me = useResource("/me").data;
  const view = query.value.get("view") === "agenda" ? "agenda" : "month";
  const today = nowIn(me?.zone).slice(0, 10);
  const shared = { today, partner: me?.couple?.partner };
  return html`<${Page} title=${t("frame.calendar")} class="calendar">
    <${Choice} label=${t("dates.view")} hideLabel value=${view} onChange=${(/** @type {string} */ chosen) => setQuery({ view: chosen })}
      options=${[
        { value: "month", label: t("dates.view_month"), icon: "calendar" },
        { value: "agenda", label: t("dates.view_agenda"), icon: "list" },
      ]} />
    <${Unsent} />
    ${view === "month" ? html`<${MonthView} ...${shared} />` : html`<${Agenda} ...${shared} />`}
    <ul class="rows"><${RowLink} to="/calendar/days" icon="gift" label=${t("days.title")} text=${t("days.row")} /></ul>
  <//>`;
}

/** Proposals of this device that have not reached the server. */
function Unsent() {
  const unsent = outbox.value.filter((each) => each.kind === "date");
  if (unsent.length === 0) return null;
  return html`<${Section} title=${t("outbox.title")}><ul class="rows">
    ${unsent.map(
      ({ id, body, state }) => html`<li key=${id}><${Link} class="row" to="/dates/${id}">
        <${Icon} name=${state === "refused" ? "circle-alert" : "clock"} />
        <span><b>${body.slots.map(requestText).join(" · ")}</b>
          <small>${state === "refused" ? t("dates.refused") : t("dates.waits")}</small></span>
        <${Icon} name="chevron-right" class="ahead" /><//></li>`,
    )}
  </ul><//>`;
}

/** @param {{today: string, partner: string | undefined}} props */
function MonthView({ today, partner }) {
  const asked = query.value.get("day") ?? "";
  const day = /^\d{4}-\d\d-\d\d$/.test(asked) ? asked : today;
  const month = day.slice(0, 7);
  // Whole days may be those of another zone, where a day begins earlier or later.
  const from = addDays(`${month}-01`, -1);
  const to = addDays(`${month}-${daysOf(month)}`, 1);
  const path = /** @type {const} */ (`/dates?from=${from}&to=${to}&state=proposed,accepted,completed&limit=100`);
  const dates = useResource(path);
  const entries = byDay(dates.data?.items ?? []);
  const marks = new Map([...entries].map(([each, list]) => [each, list.map((entry) => toMark(entry, partner))]));
  const later = dates.data?.ritual_times ?? [];
  for (const time of later) {
    const each = time.viewer_local_time.slice(0, 10);
    marks.set(each, [...(marks.get(each) ?? []), { id: time.start + time.ritual_id, text: time.title, isOpen: false, isWhole: false }]);
  }
  const days = (useResource("/important-days?limit=100").data?.items ?? []).map((each) => ({ each, on: dayIn(each, day) }));
  for (const { each, on } of days) {
    marks.set(on, [...(marks.get(on) ?? []), { id: each.id, text: titleOf(each, partner), isOpen: false, isWhole: true }]);
  }
  const daysThen = days.filter(({ on }) => on === day);
  const laterThen = later.filter((time) => time.viewer_local_time.startsWith(day));
  return html`<div class="columns">
    <${Month} day=${day} today=${today} marks=${marks} onChange=${(/** @type {string} */ chosen) => setQuery({ day: chosen })} />
    <${Section} title=${formatLongDay(day)} class="chosen-day">
      ${daysThen.length > 0 && html`<ul class="rows">${daysThen.map(({ each }) => html`<${ImportantDayRow} key=${each.id} day=${each} partner=${partner} />`)}</ul>`}
      <${Loaded} resource=${dates} retry=${() => refresh(path)} lines=${1}>
        ${() => html`<${DayList} entries=${entries.get(day) ?? []} later=${laterThen} partner=${partner} isPast=${day < today} hasDay=${daysThen.length > 0} />`}
      <//>
    <//>
  </div>`;
}

/** Return an important day in the year of another day. @param {Schemas["ImportantDay"]} each @param {string} day */
function dayIn({ month, day: date }, day) {
  const first = `${day.slice(0, 4)}-${String(month).padStart(2, "0")}`;
  return `${first}-${String(Math.min(date, daysOf(first))).padStart(2, "0")}`;
}

/** @param {PlannedDate[]} dates @returns {Entry[]} */
const toEntries = (dates) => dates.flatMap((date) => date.slots.map((slot) => ({ date, slot })));

/** Return the dates on each of their days, by time. @param {PlannedDate[]} dates @returns {Map<string, Entry[]>} */
function byDay(dates) {
  /** @type {Map<string, Entry[]>} */
  const entries = new Map();
  for (const entry of toEntries(dates).sort(byTime)) {
    for (const day of daysOfSlot(entry.slot)) entries.set(day, [...(entries.get(day) ?? []), entry]);
  }
  return entries;
}

/** @param {Entry} first @param {Entry} second */
const byTime = (first, second) => first.slot.start.localeCompare(second.slot.start);

/** @param {Schemas["TimeSlot"]} slot */
function daysOfSlot(slot) {
  const begins = dayOf(slot);
  const whole = wholeDays(slot);
  if (whole) return Array.from({ length: whole.count }, (_, number) => addDays(begins, number));
  const last = addMinutes(slot.viewer_local_time.slice(0, 16), slot.minutes - 1).slice(0, 10);
  const days = [begins];
  // A night out ends on the next day but belongs to its evening.
  if (slot.minutes >= 24 * 60) for (let day = addDays(begins, 1); day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}

/** @param {Entry} entry @param {string | undefined} partner @returns {import("../parts/month.js").Mark} */
function toMark({ date, slot }, partner) {
  const isOpen = date.state === "proposed";
  const waits = isOpen ? stateOf(date, partner) : questionOf(date, partner);
  const text = waits ? `${date.activity.title} (${waits.text})` : date.activity.title;
  return { id: slot.id, text, isOpen, isWhole: slot.all_day };
}

/** @param {{entries: Entry[], later: Schemas["RitualTime"][], partner: string | undefined, isPast: boolean, hasDay: boolean}} props
 *   `hasDay` says whether an important day is shown above */
function DayList({ entries, later, partner, isPast, hasDay }) {
  if (entries.length + later.length > 0) {
    return html`<${Rows} entries=${entries} partner=${partner} />
      ${later.length > 0 && html`<ul class="rows">${later.map((time) => html`<${LaterRow} key=${time.start + time.ritual_id} time=${time} />`)}</ul>`}`;
  }
  const toIdeas = html`<${Link} to="/ideas" class="button"><${Icon} name="lightbulb" />${t("dates.find_idea")}<//>`;
  if (hasDay) return isPast ? null : html`<p class="hint">${t("dates.no_date")}</p><div class="buttons">${toIdeas}</div>`;
  if (isPast) return html`<p class="hint">${t("dates.nothing_then")}</p>`;
  return html`<${Empty} art="calendar" title=${t("dates.free_day")}>
    <p>${t("dates.free_day_text")}</p>${toIdeas}
  <//>`;
}

/** @param {{entries: Entry[], partner: string | undefined}} props */
function Rows({ entries, partner }) {
  return html`<ul class="rows">
    ${entries.map(({ date, slot }) => html`<${DateRow} key=${slot.id} date=${date} slot=${slot} partner=${partner} />`)}
  </ul>`;
}

/** A time of a ritual that is not a date yet. @param {{time: Schemas["RitualTime"]}} props */
function LaterRow({ time }) {
  return html`<li><${Link} class="row" to="/rituals/${time.ritual_id}"><${Icon} name="repeat" />
    <span><b>${time.title}</b><small><time datetime=${time.start}>${formatTime(time.viewer_local_time)}</time> · ${t("rituals.later")}</small></span>
    <${Icon} name="chevron-right" class="ahead" /><//></li>`;
}

/** @param {{today: string, partner: string | undefined}} props */
function Agenda({ today, partner }) {
  const proposed = useResource(PROPOSED).data?.items ?? [];
  const ahead = useDatePages(AHEAD);
  const past = useDatePages(`/dates?to=${today}&state=accepted,completed,cancelled`);
  const been = toEntries(past.items.filter((date) => !isAhead(date))).toSorted((first, second) => byTime(second, first));
  if (ahead.first.error && !ahead.first.data) return html`<${Fault} error=${ahead.first.error} retry=${() => refresh(AHEAD)} />`;
  if (!ahead.first.data || !past.first.data) return html`<${Skeleton} />`;
  if (proposed.length + ahead.items.length + been.length === 0) return html`<${NothingYet} />`;
  return html`
    ${proposed.length > 0 && html`<${Section} title=${t("dates.open")}><ul class="rows ember">
      ${proposed.map((date) => html`<${DateRow} key=${date.id} date=${date} partner=${partner} />`)}</ul><//>`}
    <${Section} title=${t("dates.ahead")}>
      ${ahead.items.length === 0 && html`<p class="hint">${t("dates.nothing_ahead")}</p>`}
      <${Days} entries=${toEntries(ahead.items)} partner=${partner} />${ahead.more}
    <//>
    ${been.length > 0 && html`<${Section} title=${t("dates.past")}><${Days} entries=${been} partner=${partner} />${past.more}<//>`}`;
}

/** Return whether an agreed date is not over: then it can still be called off. @param {PlannedDate} date */
const isAhead = ({ state, actions }) => state === "accepted" && actions.includes("cancel");

/** A list with a heading for each day. @param {{entries: Entry[], partner: string | undefined}} props */
function Days({ entries, partner }) {
  /** @type {Map<string, Entry[]>} */
  const days = new Map();
  for (const entry of entries) {
    const day = dayOf(entry.slot);
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  return html`${[...days].map(
    ([day, list]) => html`<div key=${day} class="agenda-day"><h3>${formatLongDay(day)}</h3>
      <${Rows} entries=${list} partner=${partner} /></div>`,
  )}`;
}

function NothingYet() {
  return html`<${Empty} art="calendar" title=${t("dates.empty")}>
    <p>${t("dates.empty_text")}</p>
    <${Link} to="/ideas" class="button primary"><${Icon} name="lightbulb" />${t("dates.find_idea")}<//>
  <//>`;
}
