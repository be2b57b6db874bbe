// The agreed dates of a person who takes space: for each, "I will go", or "off" now, in time, or at an hour of their choice.
import { formatInstant, t } from "../i18n.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Choice, Field } from "./controls.js";
import { CategoryPicture } from "./activity.js";
import { SlotTime } from "./date.js";

/** @typedef {{going: boolean | null, when: "in_time" | "now" | "at", at: string}} Decision `at` is a wall time of this device */

/** @type {Decision} */
export const UNDECIDED = { going: null, when: "in_time", at: "" };

/** Return the body of a decision. @param {string} id @param {Decision} decision */
export function bodyOf(id, { going, when, at }) {
  const date = new Date(at);
  const chosen = Number.isNaN(date.getTime()) ? null : date.toISOString();
  return { date_id: id, going: going === true, off_at: going ? null : { in_time: null, now: "now", at: chosen }[when] };
}

/** Return an instant as the value of a field for a local time. @param {string} instant */
function toField(instant) {
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Return what happens to a date. @param {Schemas["UpcomingDate"]} upcoming @param {string} name */
export function decisionText(upcoming, name) {
  if (upcoming.going !== false || !upcoming.off_at) return t("us.date_going");
  if (new Date(upcoming.off_at) <= new Date()) return t("us.date_off_now", { name });
  return t("us.date_off_at", { name, when: formatInstant(upcoming.off_at) });
}

/**
 * The fields of one decision.
 * @param {{upcoming: Schemas["UpcomingDate"], decision: Decision, onChange: (decision: Decision) => void, name: string,
 *   error?: string}} props
 */
export function DecisionFields({ upcoming, decision, onChange, name, error }) {
  const { date, latest_off_at: latest } = upcoming;
  const slot = date.slots[0];
  const times = /** @type {const} */ ([
    ...(latest ? [{ value: "in_time", label: t("us.off_in_time") }] : []),
    { value: "now", label: t("us.off_now") },
    ...(latest ? [{ value: "at", label: t("us.off_at") }] : []),
  ]);
  return html`<article class="card decision" id="decision-${date.id}" tabindex="-1">
    <header><${CategoryPicture} category=${date.activity.category} />
      <div><h3>${date.activity.title}</h3>${slot && html`<small><${SlotTime} slot=${slot} /></small>`}</div></header>
    <${Choice} hideLabel label=${date.activity.title} value=${decision.going === null ? null : decision.going ? "going" : "off"}
      options=${[
        { value: "going", label: t("us.go") },
        { value: "off", label: t("us.off") },
      ]}
      onChange=${(/** @type {string} */ value) => onChange({ ...decision, going: value === "going", when: latest ? decision.when : "now" })} />
    ${decision.going === false && html`
      <${Choice} label=${t("us.off_when", { name })} value=${decision.when} options=${times}
        onChange=${(/** @type {Decision["when"]} */ when) => onChange({ ...decision, when, at: decision.at || toField(latest ?? "") })} />
      ${decision.when === "at" && html`<${Field} label=${t("us.off_at_time")} type="datetime-local" value=${decision.at} required
        max=${latest ? toField(latest) : undefined} hint=${latest ? t("us.off_latest", { when: formatInstant(latest) }) : undefined}
        onInput=${(/** @type {string} */ at) => onChange({ ...decision, at })} error=${error} />`}`}
    ${error && decision.when !== "at" && html`<p class="fault" role="alert">${error}</p>`}
  </article>`;
}
