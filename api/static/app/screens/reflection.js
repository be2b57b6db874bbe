// One reflection: read it, change it, delete it. It has no button to share.
import { request } from "../api.js";
import { formatInstantDay, t } from "../i18n.js";
import { ActionError, Button, Icon, useAction } from "../parts/controls.js";
import { Confirm, say } from "../parts/dialog.js";
import { Loaded, Page } from "../parts/page.js";
import { LOCK, Unlock } from "../parts/reflection_lock.js";
import { refresh, useResource } from "../resources.js";
import { Link, navigate } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

/** @param {{id: string}} props */
export default function Reflection({ id }) {
  const lock = useResource(LOCK);
  return html`<${Page} title=${t("reflections.one")} back="/notes/reflections">
    <${Loaded} resource=${lock} retry=${() => refresh(LOCK)}>
      ${(/** @type {Schemas["ReflectionLock"]} */ data) => (data.state === "open" ? html`<${Opened} id=${id} />` : html`<${Unlock} lock=${data} />`)}
    <//>
  <//>`;
}

/** @param {{id: string}} props */
function Opened({ id }) {
  const path = /** @type {const} */ (`/reflections/${id}`);
  const reflection = useResource(path);
  return html`<${Loaded} resource=${reflection} retry=${() => refresh(path)}>
    ${(/** @type {Schemas["Reflection"]} */ data) => html`<${Content} reflection=${data} />`}
  <//>`;
}

/** @param {{reflection: Schemas["Reflection"]}} props */
function Content({ reflection }) {
  const [isAsking, setAsking] = useState(false);
  const remove = useAction(async () => {
    try {
      await request("DELETE", `/reflections/${reflection.id}`);
    } finally {
      setAsking(false);
    }
    navigate("/notes/reflections", { replace: true });
    say(t("reflections.deleted"));
  });
  return html`
    ${reflection.question && html`<div class="card pine"><p class="question">${reflection.question}</p></div>`}
    <article class="paper">
      <p class="handwriting">${reflection.body}</p>
      <p class="note-foot"><time datetime=${reflection.created_at}>${formatInstantDay(reflection.created_at)}</time>
        <span class="with-icon"><${Icon} name="lock" />${t("reflections.only_you")}</span></p>
    </article>
    <${ActionError} error=${remove.error} />
    <div class="buttons">
      <${Link} to="/notes/reflections/${reflection.id}/edit" class="button"><${Icon} name="pencil" />${t("common.edit")}<//>
      <${Button} icon="trash-2" onClick=${() => setAsking(true)}>${t("common.delete")}<//>
    </div>
    ${isAsking && html`<${Confirm} title=${t("reflections.delete_title")} text=${t("notes.delete_private")} yes=${t("common.delete")}
      danger=${true} busy=${remove.busy} onYes=${remove.run} onClose=${() => setAsking(false)} />`}`;
}
