// The passkeys of a person: a list, a form to add one, and their end.
import { request } from "../api.js";
import { formatInstantDay, t } from "../i18n.js";
import { refresh, useResource } from "../resources.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Button, Field, fieldError, Icon, useAction } from "./controls.js";
import { Confirm, say } from "./dialog.js";
import { deviceName } from "./first_run.js";
import { focusHeading, Loaded, Section } from "./page.js";
import { addPasskey, canUsePasskeys } from "./passkeys.js";

const PATH = "/me/passkeys";

/** @typedef {Schemas["Passkey"]} Passkey */

export function Passkeys() {
  const passkeys = useResource(PATH);
  return html`<${Section} title=${t("passkeys.title")}>
    <p>${t("passkeys.text")}</p>
    <${Loaded} resource=${passkeys} retry=${() => refresh(PATH)}>
      ${(/** @type {Schemas["PasskeyList"]} */ { items }) => items.length > 0 && html`<ul class="rows">
        ${items.map((passkey) => html`<${Row} key=${passkey.id} passkey=${passkey} />`)}
      </ul>`}
    <//>
    ${canUsePasskeys ? html`<${Add} />` : html`<p class="hint">${t("passkeys.not_here")}</p>`}
  <//>`;
}

/** @param {{passkey: Passkey}} props */
function Row({ passkey }) {
  const [asking, setAsking] = useState(false);
  const { run, busy, error } = useAction(async () => {
    await request("DELETE", `${PATH}/${passkey.id}`);
    setAsking(false);
    focusHeading();
    say(t("passkeys.removed"));
    await refresh(PATH);
  });
  const used = passkey.used_at && t("passkeys.used", { day: formatInstantDay(passkey.used_at) });
  return html`<li>
    <div class="row">
      <${Icon} name="key-round" />
      <span><b>${passkey.name}</b>
        <small>${t("passkeys.since", { day: formatInstantDay(passkey.created_at) })}</small>
        ${used && html`<small>${used}</small>`}</span>
      <${Button} kind="quiet" onClick=${() => setAsking(true)} aria-label=${t("passkeys.remove_of", { name: passkey.name })}>
        ${t("passkeys.remove")}<//>
    </div>
    ${asking && html`<${Confirm} danger title=${t("passkeys.remove_title", { name: passkey.name })} text=${t("passkeys.remove_text")}
      yes=${t("passkeys.remove")} busy=${busy} onYes=${run} onClose=${() => setAsking(false)}><${ActionError} error=${error} /><//>`}
  </li>`;
}

function Add() {
  const [name, setName] = useState(deviceName);
  const { run, busy, error } = useAction(async () => {
    await addPasskey(name);
    say(t("passkeys.added"));
    await refresh(PATH);
  });
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    run();
  };
  return html`<form class="card" onSubmit=${submit}>
    <${Field} label=${t("passkeys.name")} hint=${t("passkeys.name_hint")} value=${name} onInput=${setName} most=${60}
      error=${fieldError(error, "name")} required />
    <${ActionError} error=${error} besides=${["name"]} />
    <${Button} type="submit" icon="key-round" busy=${busy}>${t("passkeys.add")}<//>
  </form>`;
}
