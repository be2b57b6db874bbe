// What screens about the couple share: the check that there is one, and what is left after it has ended.
import { t } from "../i18n.js";
import { refresh, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Empty, Loaded, Notice } from "./page.js";
import { RowLink } from "./rows.js";

/** Show the children to a person in a couple, and to others that this is for two.
 * @param {{children: (couple: Schemas["Couple"]) => any}} props */
export function ForTwo({ children }) {
  const today = useResource("/today");
  return html`<${Loaded} resource=${today} retry=${() => refresh("/today")}>
    ${(/** @type {Schemas["Today"]} */ data) => (data.couple ? children(data.couple) : html`<${NoPartner} />`)}
  <//>`;
}

function NoPartner() {
  return html`<${Empty} art="two" title=${t("us.no_partner_title")}>
    <p>${t("us.no_partner_text")}</p>
    <${Link} to="/us" class="button">${t("us.no_partner_back")}<//>
  <//>`;
}

/** The end of a couple: the server's sentence, and what remains. @param {{children?: any}} props more rows */
export function AfterLeaving({ children }) {
  const inbox = useResource("/inbox").data;
  const sentence = inbox?.items.find((item) => item.kind === "couple_ended")?.text;
  return html`
    <${Notice} icon="leaf">${sentence ?? t("us.left_text")}<//>
    <p>${t("us.left_look_back")}</p>
    <ul class="rows">
      <${RowLink} to="/calendar" icon="calendar-days" label=${t("us.left_dates")} />
      <${RowLink} to="/notes/received" icon="mail" label=${t("us.received")} text=${t("us.received_text")} />
      ${children}
    </ul>`;
}
