// The form of an important day.
import { formatWall, t } from "../i18n.js";
import { html, useId } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Choice, Field, fieldError } from "./controls.js";

/** @typedef {{kind: string, title: string, month: number, day: string, year: string}} DayDraft */

/** Return what the server gets of a draft. @param {DayDraft} draft */
export const toBody = ({ kind, title, month, day, year }) => ({
  kind,
  title: title.trim() || null,
  month,
  day: Number(day) || 0,
  year: year.trim() ? Number(year) || 0 : null,
});

/** Return the draft of a day that is there already. @param {Schemas["ImportantDay"]} day @returns {DayDraft} */
export const toDraft = ({ kind, title, month, day, year }) => ({ kind, title: title ?? "", month, day: String(day), year: year ? String(year) : "" });

const MONTHS = Array.from({ length: 12 }, (_, index) => `2026-${String(index + 1).padStart(2, "0")}-01`);

/** @param {{draft: DayDraft, onChange: (draft: DayDraft) => void, error: Error | null, onSubmit: () => void, children: any}} props
 * `children` are the buttons */
export function DayForm({ draft, onChange, error, onSubmit, children }) {
  const id = useId();
  /** @param {Partial<DayDraft>} changed */
  const set = (changed) => onChange({ ...draft, ...changed });
  const kinds = /** @type {const} */ (["birthday", "anniversary", "own"]).map((value) => ({ value, label: t(`days.kind_${value}`) }));
  return html`<form class="card" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    onSubmit();
  }}>
    <${Choice} label=${t("days.kind")} options=${kinds} value=${draft.kind} onChange=${(/** @type {string} */ kind) => set({ kind })} />
    <${Field} label=${draft.kind === "own" ? t("days.name") : t("days.name_optional")} value=${draft.title}
      onInput=${(/** @type {string} */ title) => set({ title })} error=${fieldError(error, "title")} />
    <div class="day-fields">
      <${Field} label=${t("days.day")} inputmode="numeric" required=${true} value=${draft.day}
        onInput=${(/** @type {string} */ day) => set({ day })} error=${fieldError(error, "day")} />
      <div class="field"><label for=${id}>${t("days.month")}</label>
        <select id=${id} value=${draft.month} onChange=${(/** @type {any} */ event) => set({ month: Number(event.currentTarget.value) })}>
          ${MONTHS.map((day, index) => html`<option key=${day} value=${index + 1}>${formatWall(day, { month: "long" })}</option>`)}
        </select></div>
      <${Field} label=${t("days.year")} inputmode="numeric" value=${draft.year}
        onInput=${(/** @type {string} */ year) => set({ year })} error=${fieldError(error, "year")} />
    </div>
    <${ActionError} error=${error} besides=${["title", "day", "year"]} />
    <div class="buttons">${children}</div>
  </form>`;
}
