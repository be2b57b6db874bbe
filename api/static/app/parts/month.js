// A month as a table. One day takes the focus; the arrow keys go on from there.
import { formatLongDay, formatWall, t } from "../i18n.js";
import { html, useEffect, useRef } from "../vendor/preact/preact-11.2.0.js";
import { Button, IconButton } from "./controls.js";
import { addDays, addMonths, daysOf, weekdayOf } from "./times.js";

const A_MONDAY = "2026-06-01";
const DOTS = 3;

/** @typedef {{id: string, text: string, isOpen: boolean, isWhole: boolean}} Mark what a day holds */

/** Return the first day of the week in the person's region: 1 for Monday to 7 for Sunday. */
function firstWeekday() {
  const locale = /** @type {any} */ (new Intl.Locale(navigator.language));
  return (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1;
}

/** Return the weeks of a month; days outside it are "". @param {string} month @param {number} begin */
function weeksOf(month, begin) {
  const lead = (weekdayOf(`${month}-01`) - begin + 7) % 7;
  const days = Array.from({ length: daysOf(month) }, (_, index) => `${month}-${String(index + 1).padStart(2, "0")}`);
  const cells = [...Array.from({ length: lead }, () => ""), ...days];
  while (cells.length % 7 > 0) cells.push("");
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}

/**
 * Return the day to which a key leads, or "".
 * @param {string} key @param {string} day @param {number} begin the first day of the week
 */
function dayAfterKey(key, day, begin) {
  const forward = document.documentElement.dir === "rtl" ? -1 : 1;
  const inWeek = (weekdayOf(day) - begin + 7) % 7;
  /** @type {Record<string, () => string>} */
  const keys = {
    ArrowLeft: () => addDays(day, -forward),
    ArrowRight: () => addDays(day, forward),
    ArrowUp: () => addDays(day, -7),
    ArrowDown: () => addDays(day, 7),
    Home: () => addDays(day, -inWeek),
    End: () => addDays(day, 6 - inWeek),
    PageUp: () => addMonths(day, -1),
    PageDown: () => addMonths(day, 1),
  };
  return keys[key]?.() ?? "";
}

/**
 * @param {{day: string, today: string, marks: Map<string, Mark[]>, onChange: (day: string) => void}} props
 *   `day` is the chosen day; its month is shown
 */
export function Month({ day, today, marks, onChange }) {
  const month = day.slice(0, 7);
  const begin = firstWeekday();
  const grid = useRef(/** @type {HTMLElement | null} */ (null));
  const byKey = useRef(false);
  useEffect(() => {
    if (byKey.current) /** @type {HTMLElement | null} */ (grid.current?.querySelector("[tabindex='0']"))?.focus();
    byKey.current = false;
  }, [day]);
  /** @param {KeyboardEvent} event */
  const move = (event) => {
    const next = event.altKey || event.ctrlKey || event.metaKey ? "" : dayAfterKey(event.key, day, begin);
    if (!next) return;
    event.preventDefault();
    byKey.current = true;
    onChange(next);
  };
  const name = formatWall(day, { month: "long", year: "numeric" });
  return html`<div class="month">
    <div class="month-head">
      <h2 aria-live="polite">${name}</h2>
      ${month !== today.slice(0, 7) && html`<${Button} kind="quiet" onClick=${() => onChange(today)}>${t("frame.today")}<//>`}
      <${IconButton} icon="chevron-left" label=${t("dates.month_before")} onClick=${() => onChange(addMonths(day, -1))} />
      <${IconButton} icon="chevron-right" label=${t("dates.month_after")} onClick=${() => onChange(addMonths(day, 1))} />
    </div>
    <table role="grid" aria-label=${name} ref=${grid} onKeyDown=${move}>
      <thead><tr>${Array.from({ length: 7 }, (_, index) => addDays(A_MONDAY, begin - 1 + index)).map(
        (each) => html`<th key=${each} scope="col" abbr=${formatWall(each, { weekday: "long" })}>${formatWall(each, { weekday: "narrow" })}</th>`,
      )}</tr></thead>
      <tbody>${weeksOf(month, begin).map(
        (week, row) => html`<tr key=${row}>${week.map((each, column) =>
          each
            ? html`<td key=${each} role="gridcell" aria-selected=${each === day}>
                <${Day} day=${each} isChosen=${each === day} isToday=${each === today} marks=${marks.get(each) ?? []} onChoose=${onChange} /></td>`
            : html`<td key=${column} role="gridcell"></td>`,
        )}</tr>`,
      )}</tbody>
    </table>
  </div>`;
}

/** @param {{day: string, isChosen: boolean, isToday: boolean, marks: Mark[], onChoose: (day: string) => void}} props */
function Day({ day, isChosen, isToday, marks, onChoose }) {
  const label = [formatLongDay(day), isToday && t("frame.today"), ...marks.map((mark) => mark.text)].filter(Boolean).join(", ");
  return html`<button type="button" class="day" tabindex=${isChosen ? 0 : -1} aria-label=${label}
    aria-current=${isToday ? "date" : undefined} onClick=${() => onChoose(day)}>
    <span>${Number(day.slice(8))}</span>
    <span class="dots">${marks.slice(0, DOTS).map((mark) => html`<i key=${mark.id} class="${mark.isOpen ? "open" : ""} ${mark.isWhole ? "whole" : ""}"></i>`)}</span>
  </button>`;
}
