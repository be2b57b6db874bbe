// Ask for one clear thing, or answer a request with another one.
import { newId } from "../api.js";
import { formatDay, t } from "../i18n.js";
import { drop, outbox, send } from "../outbox.js";
import { ActionError, Button, Field, fieldError, Icon, useAction } from "../parts/controls.js";
import { ForTwo } from "../parts/couple.js";
import { say } from "../parts/dialog.js";
import { Page } from "../parts/page.js";
import { MOST } from "../parts/request.js";
import { useResource } from "../resources.js";
import { navigate, query } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

export default function RequestForm() {
  return html`<${ForTwo}>${(/** @type {Schemas["Couple"]} */ { partner }) => html`<${Form} name=${partner} />`}<//>`;
}

/** @param {{name: string}} props */
function Form({ name }) {
  const [refused] = useState(() => outbox.value.find((write) => write.id === query.value.get("outbox")));
  const answers = query.value.get("answers");
  const first = useResource(answers ? /** @type {const} */ (`/requests/${answers}`) : null).data;
  const shared = useResource("/today").data?.allowance?.shared;
  const [id] = useState(newId);
  const [body, setBody] = useState(String(refused?.body.body ?? ""));
  const [day, setDay] = useState(String(refused?.body.day ?? ""));
  const ask = useAction(async () => {
    const path = answers ? `/requests/${answers}/answer` : "/requests";
    const sent = await send("request", "POST", path, { id, body, day: day || null });
    if (refused) await drop(refused.id);
    navigate("/notes/requests", { replace: true });
    say(sent ? t("requests.sent", { name }) : t("notes.queued"));
  });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    ask.run();
  };
  return html`<${Page} title=${answers ? t("requests.answer_title") : t("requests.new")} back="/notes/requests"
      lead=${answers ? t("requests.answer_lead") : t("requests.new_lead")}>
    ${first && html`<div class="card pine"><p class="eyebrow">${t("notes.from", { name })}</p><p class="question">${first.body}</p>
      ${first.day && html`<p>${formatDay(first.day)}</p>`}</div>`}
    <form onSubmit=${submit} novalidate>
      <${Field} label=${t("requests.words")} hint=${t("requests.words_hint")} lines=${3} most=${MOST} value=${body} onInput=${(/** @type {string} */ text) => setBody(text.replaceAll("\n", " "))}
        error=${fieldError(ask.error, "body")} />
      <${Field} label=${t("requests.day")} type="date" value=${day} onInput=${setDay} error=${fieldError(ask.error, "day")} />
      <${ActionError} error=${ask.error} besides=${["body", "day"]} />
      <${Button} kind="primary" type="submit" icon="send" busy=${ask.busy} disabled=${!body.trim() || ask.busy}>${t("requests.send", { name })}<//>
      <p class="seen"><${Icon} name="eye" />${t("requests.seen", { name })}</p>
      ${shared && shared.left > 0 && html`<p class="hint">${t("notes.share_left", { count: shared.left })}</p>`}
    </form>
  <//>`;
}
