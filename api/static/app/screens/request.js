// One request: what was asked, what came of it, and every answer that the viewer can give now.
import { request as ask } from "../api.js";
import { formatDay, formatInstantDay, t } from "../i18n.js";
import { ActionError, Button, Icon, useAction } from "../parts/controls.js";
import { Confirm, say } from "../parts/dialog.js";
import { useSeen } from "../parts/inbox_item.js";
import { usePartner } from "../parts/note.js";
import { Loaded, Page } from "../parts/page.js";
import { RequestState } from "../parts/request.js";
import { findInLists, refresh, refreshShown, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {Schemas["PartnerRequest"]} Request */

/** @param {{id: string}} props */
export default function RequestScreen({ id }) {
  const path = /** @type {const} */ (`/requests/${id}`);
  const answer = useResource(path);
  const name = usePartner() ?? t("notes.your_partner");
  useSeen("request", id);
  const shown = answer.error ? answer : { ...answer, data: answer.data ?? findInLists("/requests?", id) };
  const title = !shown.data || shown.data.mine ? t("requests.yours") : t("requests.from", { name });
  return html`<${Page} title=${title} back="/notes/requests">
    <${Loaded} resource=${shown} retry=${() => refresh(path)}>
      ${(/** @type {Request} */ data) => html`<${Content} request=${data} name=${name} />`}
    <//>
  <//>`;
}

/** @param {{request: Request, name: string}} props */
function Content({ request, name }) {
  const link = (/** @type {string | null} */ id, /** @type {string} */ text) =>
    id && html`<p><${Link} to="/notes/requests/${id}" class="text-link">${text}<//></p>`;
  return html`
    <article class="paper">
      ${request.day && html`<p class="eyebrow with-icon"><${Icon} name="calendar" />${formatDay(request.day)}</p>`}
      <p class="handwriting">${request.body}</p>
      <p class="note-foot"><time datetime=${request.created_at}>${formatInstantDay(request.created_at)}</time>
        <${RequestState} request=${request} name=${name} /></p>
    </article>
    ${link(request.answers_id, t("requests.answers"))}
    ${link(request.answered_by_id, t("requests.answered_by"))}
    <${Answers} request=${request} name=${name} />
    ${request.state === "accepted" && !request.mine && html`<div class="card pine">
      <p>${t("requests.promise_text")}</p>
      <p><${Link} to="/notes/promises?request=${request.id}" class="button"><${Icon} name="sprout" />${t("requests.promise")}<//></p>
    </div>`}`;
}

/** @param {{request: Request, name: string}} props */
function Answers({ request, name }) {
  const [isAsked, setAsked] = useState(false);
  const may = new Set(request.actions);
  const act = useAction(async (/** @type {"accept" | "decline" | "withdraw"} */ action) => {
    try {
      await ask("POST", `/requests/${request.id}/${action}`);
      say(t(`requests.${action}_done`, { name }));
    } finally {
      setAsked(false);
      await refreshShown();
    }
  });
  return html`<${ActionError} error=${act.error} />
    ${may.has("accept") && html`<div class="buttons even">
        <${Button} kind="primary" icon="check" busy=${act.busy} onClick=${() => act.run("accept")}>${t("requests.accept")}<//>
        <${Button} icon="x" busy=${act.busy} onClick=${() => act.run("decline")}>${t("requests.decline")}<//>
      </div>
      <p><${Link} to="/notes/requests/new?answers=${request.id}" class="button"><${Icon} name="message-circle" />${t("requests.answer")}<//></p>
      <p class="hint">${t("requests.no_reason", { name })} ${t("requests.closes", { day: formatInstantDay(request.expires_at) })}</p>`}
    ${may.has("withdraw") && html`<p><${Button} icon="eye-off" onClick=${() => setAsked(true)}>${t("requests.withdraw")}<//></p>
      <p class="hint">${t("requests.closes", { day: formatInstantDay(request.expires_at) })}</p>`}
    ${isAsked && html`<${Confirm} title=${t("requests.withdraw_title")} text=${t("requests.withdraw_text", { name })} yes=${t("requests.withdraw")}
      busy=${act.busy} onYes=${() => act.run("withdraw")} onClose=${() => setAsked(false)} />`}`;
}
