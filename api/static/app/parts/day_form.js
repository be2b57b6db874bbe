// The form of an important day.
import { formatWall, t } from "../i18n.js";
import { html, useId } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Choice, Field, fieldError } from "./controls.js";
import { usePartner } from "./note.js";

/** @typedef {{kind: string, title: string, birthdayOf: string, month: number, day: string, year: string}} DayDraft */

/** Return whether a day has a name of its own: all but birthdays of the two. @param {DayDraft} draft */
const isNamed = ({ kind, birthdayOf }) => kind !== "birthday" || birthdayOf === "other";

/** Return what the server gets of a draft. @param {DayDraft} draft */
export const toBody = (draft) => ({
  kind: draft.kind,
  title: (isNamed(draft) && draft.title.trim()) || null,
  birthday_of: draft.kind === "birthday" ? draft.birthdayOf : null,
  month: draft.month,
  day: Number(draft.day) || 0,
  year: draft.year.trim() ? Number(draft.year) || 0 : null,
});

/** Return the draft of a day that is there already. @param {Schemas["ImportantDay"]} day @returns {DayDraft} */
export const toDraft = ({ kind, title, birthday_of, month, day, year }) => ({
  kind,
  title: title ?? "",
  birthdayOf: birthday_of ?? "me",
  month,
  day: String(day),
  year: year ? String(year) : "",
});

/** @type {Record<string, "days.name_birthday" | "days.name_optional">} */
const NAMES = { birthday: "days.name_birthday", anniversary: "days.name_optional" };

const MONTHS = Array.from({ length: 12 }, (_, index) => `2026-${String(index + 1).padStart(2, "0")}-01`);

/** @param {{draft: DayDraft, onChange: (changed: Partial<DayDraft>) => void, error: Error | null, onSubmit: () => void, children: any}} props
 * `children` are the buttons */
export function DayForm({ draft, onChange, error, onSubmit, children }) {
  const id = useId();
  const partner = usePartner();
  const people = /** @type {const} */ (["me", "partner", "other"])
    .filter((value) => value !== "partner" || partner)
    .map((value) => ({ value, label: t(`days.of_${value}`, { name: partner ?? "" }) }));
  const kinds = /** @type {const} */ (["birthday", "anniversary", "own"]).map((value) => ({ value, label: t(`days.kind_${value}`) }));
  return html`<form class="card" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    onSubmit();
  }}>
    <${Choice} label=${t("days.kind")} options=${kinds} value=${draft.kind} onChange=${(/** @type {string} */ kind) => onChange({ kind })} />
    ${draft.kind === "birthday" && html`<${Choice} label=${t("days.of")} options=${people} value=${draft.birthdayOf}
      onChange=${(/** @type {string} */ birthdayOf) => onChange({ birthdayOf })} />`}
    ${isNamed(draft) && html`<${Field} label=${t(NAMES[draft.kind] ?? "days.name")} required=${draft.kind !== "anniversary"} value=${draft.title}
      onInput=${(/** @type {string} */ title) => onChange({ title })} error=${fieldError(error, "title")} />`}
    <div class="day-fields">
      <${Field} label=${t("days.day")} inputmode="numeric" required=${true} value=${draft.day}
        onInput=${(/** @type {string} */ day) => onChange({ day })} error=${fieldError(error, "day")} />
      <div class="field"><label for=${id}>${t("days.month")}</label>
        <select id=${id} value=${draft.month} onChange=${(/** @type {any} */ event) => onChange({ month: Number(event.currentTarget.value) })}>
          ${MONTHS.map((day, index) => html`<option key=${day} value=${index + 1}>${formatWall(day, { month: "long" })}</option>`)}
        </select></div>
      <${Field} label=${t("days.year")} inputmode="numeric" value=${draft.year}
        onInput=${(/** @type {string} */ year) => onChange({ year })} error=${fieldError(error, "year")} />
    </div>
    <${ActionError} error=${error} besides=${["title", "day", "year"]} />
    <div class="buttons">${children}</div>
  </form>`;
}
