// Requests: one clear thing that one of the two asks for. What is open comes first.
import { t } from "../i18n.js";
import { outbox } from "../outbox.js";
import { Icon } from "../parts/controls.js";
import { ForTwo } from "../parts/couple.js";
import { Empty, Page, Section } from "../parts/page.js";
import { Pages } from "../parts/pages.js";
import { RequestCard } from "../parts/request.js";
import { useResource } from "../resources.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

const OPEN = "/requests?show=open";
const CLOSED = "/requests?show=closed";

export default function Requests() {
  return html`<${ForTwo}>${(/** @type {Schemas["Couple"]} */ { partner }) => html`<${Content} name=${partner} />`}<//>`;
}

/** @param {{name: string}} props */
function Content({ name }) {
  const cards = (/** @type {Schemas["PartnerRequest"][]} */ requests) => html`<ul class="papers">
    ${requests.map((request) => html`<${RequestCard} key=${request.id} request=${request} name=${name} />`)}</ul>`;
  const isAnyClosed = Boolean(useResource(CLOSED).data?.items.length);
  return html`<${Page} title=${t("requests.title")} back="/notes" lead=${t("requests.lead")} class="notes-page"
      actions=${html`<${Link} to="/notes/requests/new" class="button primary"><${Icon} name="plus" />${t("requests.ask")}<//>`}>
    <${Unsent} />
    <section><h2 class="hidden">${t("requests.open")}</h2>
      <${Pages} path=${OPEN} empty=${html`<${Empty} art="notes" title=${t("requests.none")}><p>${t("requests.none_text", { name })}</p><//>`}>${cards}<//>
    </section>
    ${isAnyClosed && html`<${Section} title=${t("requests.closed")}><${Pages} path=${CLOSED}>${cards}<//><//>`}
  <//>`;
}

/** Requests that the server does not have yet. */
function Unsent() {
  const waiting = outbox.value.filter((write) => write.kind === "request");
  if (waiting.length === 0) return null;
  return html`<ul class="papers">
    ${waiting.map(
      (write) => html`<li key=${write.id} class="paper note-card waiting">
        <h3 class="eyebrow with-icon"><${Icon} name=${write.state === "refused" ? "circle-alert" : "wifi-off"} />
          <${Link} to="/outbox">${write.state === "refused" ? t("notes.refused") : t("notes.waits")}<//></h3>
        <p class="handwriting">${write.body?.body}</p>
      </li>`,
    )}
  </ul>`;
}
