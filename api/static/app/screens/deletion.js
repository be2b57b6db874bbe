// Deletion of the account: what happens, the password, and after it how to undo it.
import { request } from "../api.js";
import { formatInstant, t } from "../i18n.js";
import { ActionError, Button, fieldError, Icon, PasswordField, useAction } from "../parts/controls.js";
import { Confirm } from "../parts/dialog.js";
import { Loaded, Page, Section } from "../parts/page.js";
import { UnsentNotice } from "../parts/unsent.js";
import { refresh, useResource } from "../resources.js";
import { Link } from "../router.js";
import { endSession, session } from "../session.js";
import { html, signal, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {Schemas["Me"]} Me */

/** The deletion that just happened. It is in memory only: the device is empty. */
const deletion = signal(/** @type {{until: string, signInName: string} | null} */ (null));

export default function Deletion() {
  if (!session.value) return html`<${Deleted} />`;
  return html`<${Account} />`;
}

function Account() {
  const me = useResource("/me");
  return html`<${Page} title=${t("me.deletion")} lead=${t("me.deletion_lead")} back="/us">
    <${Loaded} resource=${me} retry=${() => refresh("/me")}>
      ${(/** @type {Me} */ data) => html`<${Content} me=${data} />`}
    <//>
  <//>`;
}

/** @param {{me: Me}} props */
function Content({ me }) {
  const name = me.couple?.partner ?? "";
  return html`
    <${Section} title=${t("me.deletion_happens")}>
      <ul class="plain-list">
        <li>${t("me.deletion_signed_out")}</li>
        ${name && html`<li>${t("me.deletion_couple", { name })}</li><li>${t("me.deletion_received", { name })}</li>`}
        <li>${t("me.deletion_undo")}</li>
        <li>${t("me.deletion_after")}</li>
      </ul>
    <//>
    <${Section} title=${t("me.deletion_instead")}>
      <ul class="rows">
        <li><${Ahead} to="/me/export" icon="download" text=${t("me.deletion_export")} /></li>
        ${name && html`<li><${Ahead} to="/us/space" icon="leaf" text=${t("me.deletion_space")} /></li>`}
      </ul>
    <//>
    <${DeleteForm} me=${me} />`;
}

/** @param {{to: string, icon: string, text: string}} props */
function Ahead({ to, icon, text }) {
  return html`<${Link} class="row" to=${to}><${Icon} name=${icon} /><span>${text}</span><${Icon} name="chevron-right" class="ahead" /><//>`;
}

/** @param {{me: Me}} props */
function DeleteForm({ me }) {
  const [password, setPassword] = useState("");
  const [asking, setAsking] = useState(false);
  const { run, busy, error } = useAction(async () => {
    try {
      const { data } = await request("DELETE", "/me", { body: { password } });
      deletion.value = { until: data.undo_until, signInName: me.sign_in_name };
    } finally {
      setAsking(false); // a refusal is shown at the password
    }
    await endSession("");
  });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    setAsking(true);
  };
  return html`<form class="card" onSubmit=${submit}>
    <p>${t("me.deletion_name")}</p>
    <p class="code-line"><code>${me.sign_in_name}</code></p>
    <${PasswordField} label=${t("common.password")} value=${password} onInput=${setPassword} error=${fieldError(error, "password")}
      autocomplete="current-password" required />
    <${UnsentNotice} />
    <${ActionError} error=${error} besides=${["password"]} />
    <${Button} kind="danger" type="submit" icon="trash-2" busy=${busy}>${t("me.deletion_yes")}<//>
  </form>
  ${asking && html`<${Confirm} title=${t("me.deletion_title")} danger busy=${busy} yes=${t("me.deletion_yes")} onYes=${run}
    text=${me.couple ? t("me.deletion_confirm_couple", { name: me.couple.partner }) : t("me.deletion_confirm")}
    onClose=${() => setAsking(false)} />`}`;
}

/** What a person reads after the deletion, or if they open this screen without a sign-in. */
function Deleted() {
  const { until, signInName } = deletion.value ?? { until: "", signInName: "" };
  return html`<${Page} title=${until ? t("me.deleted") : t("me.deletion")} lead=${until ? t("me.deleted_lead") : t("me.deletion_sign_in")}>
    ${until && html`<div class="card">
      <p>${t("me.deleted_undo", { time: formatInstant(until) })}</p>
      <p class="code-line"><code>${signInName}</code></p>
      <p><${Link} to="/undo-deletion" class="button"><${Icon} name="undo-2" />${t("me.deleted_undo_link")}<//></p>
    </div>`}
    ${!until && html`<p><${Link} to="/sign-in" class="button">${t("me.to_sign_in")}<//></p>`}
  <//>`;
}
