// What happened to the security of the account, as a list that grows.
import { formatInstant, t } from "../i18n.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Icon } from "./controls.js";
import { Section } from "./page.js";
import { Pages } from "./pages.js";

/** @typedef {Schemas["SecurityEvent"]} SecurityEvent */

const REFUSALS = ["sign_in_refused", "locked_out", "password_refused", "recovery_refused", "mail_code_refused", "passkey_refused"];

export function SecurityEvents() {
  return html`<${Section} title=${t("security_events.title")}>
    <p>${t("security_events.lead")}</p>
    <${Pages} path="/me/security-events" empty=${html`<p class="lead">${t("security_events.none")}</p>`}>
      ${(/** @type {SecurityEvent[]} */ events) => html`<ul class="rows">
        ${events.map((event) => html`<${Row} key=${event.id} event=${event} />`)}
      </ul>`}
    <//>
  <//>`;
}

/** @param {{event: SecurityEvent}} props */
function Row({ event }) {
  const when = formatInstant(event.at);
  return html`<li class="row">
    <${Icon} name=${REFUSALS.includes(event.kind) ? "circle-alert" : "check"} />
    <span><b>${event.text}</b>
      ${event.device && html`<small>${event.device}</small>`}
      <small>${event.count > 1 ? t("security_events.times", { when, count: event.count }) : when}</small></span>
  </li>`;
}
