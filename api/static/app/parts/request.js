// A request in a list, and its state in words.
import { formatDay, formatInstantDay, t } from "../i18n.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Icon } from "./controls.js";

/** @typedef {Schemas["PartnerRequest"]} Request */

/** The most letters of a request, and of a promise. */
export const MOST = 200;

const ICONS = { open: "clock", accepted: "circle-check", declined: "x", answered: "message-circle", withdrawn: "eye-off", lapsed: "clock" };

/** Return the state of a request in words. @param {Request} request @param {string} name of the partner */
export function stateText({ state, mine }, name) {
  if (state === "open") return mine ? t("requests.open_mine", { name }) : t("requests.open_theirs");
  if (state === "accepted") return mine ? t("requests.accepted_mine", { name }) : t("requests.accepted_theirs");
  if (state === "declined") return mine ? t("requests.declined_mine", { name }) : t("requests.declined_theirs");
  if (state === "answered") return mine ? t("requests.answered_mine", { name }) : t("requests.answered_theirs");
  return state === "withdrawn" ? t("requests.withdrawn") : t("requests.lapsed");
}

/** The state with its icon. @param {{request: Request, name: string}} props */
export const RequestState = ({ request, name }) =>
  html`<span class="with-icon"><${Icon} name=${ICONS[request.state] ?? "clock"} />${stateText(request, name)}</span>`;

/** The card of a request, which leads to it. @param {{request: Request, name: string}} props */
export function RequestCard({ request, name }) {
  return html`<li class="paper note-card">
    <h3 class="eyebrow"><${Link} to="/notes/requests/${request.id}">${request.mine ? t("requests.from_you") : t("notes.from", { name })}<span
      class="hidden">, ${formatInstantDay(request.created_at)}</span><//></h3>
    <p class="handwriting">${request.body}</p>
    <p class="note-foot">${request.day && html`<span class="with-icon"><${Icon} name="calendar" />${formatDay(request.day)}</span>`}
      <${RequestState} request=${request} name=${name} /></p>
  </li>`;
}
