// The e-mail address: give it, confirm it with a code, and choose what it is used for. Nothing is on by itself.
import { request } from "../api.js";
import { t } from "../i18n.js";
import { ActionError, Button, Field, fieldError, Icon, PasswordField, Switch, useAction } from "../parts/controls.js";
import { Confirm, say } from "../parts/dialog.js";
import { focusHeading, Loaded, Notice, Page } from "../parts/page.js";
import { change, refresh, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

const PATH = "/me/email-address";

/** @typedef {Schemas["EmailAddress"]} Own */

export default function EmailAddressScreen() {
  const own = useResource(PATH);
  return html`<${Page} title=${t("email.title")} lead=${t("email.lead")} back="/us">
    <${Loaded} resource=${own} retry=${() => refresh(PATH)}>
      ${(/** @type {Own} */ data) => html`<${Content} own=${data} />`}
    <//>
  <//>`;
}

/** Send a change, and show its answer. @param {string} method @param {string} path @param {any} body */
async function send(method, path, body) {
  const { data } = await request(method, path, { body });
  change(PATH, () => data);
}

/** @param {{own: Own}} props */
function Content({ own }) {
  const [isEditing, setEditing] = useState(false);
  const done = () => {
    setEditing(false);
    focusHeading();
  };
  const address = own.address ?? "";
  const isForm = own.available && (isEditing || own.state === "none" || own.state === "refused");
  return html`
    ${!own.available && html`<${Notice} icon="mail">${t("email.none")}<//>`}
    ${own.state === "refused" && html`<${Notice} kind="fault" icon="circle-alert">${t("email.aside", { address })}<//>`}
    ${own.state === "confirmed" && html`<${Notice} kind="good" icon="circle-check">${t("email.confirmed", { address })}<//>`}
    ${own.state === "unconfirmed" && html`<${Notice} icon="mail">${t("email.sent", { address })}<//>`}
    <p class="seen"><${Icon} name="eye" />${t("email.read_by")}</p>
    ${own.state === "unconfirmed" && !isEditing && html`<${Code} />`}
    ${own.state === "confirmed" && html`<${Uses} own=${own} />`}
    ${isForm && html`<${AddressForm} own=${own} onDone=${done} />`}
    ${own.state !== "none" && html`<div class="buttons">
      ${!isForm && own.available && html`<${Button} icon="pencil" onClick=${() => setEditing(true)}>
        ${t(own.state === "confirmed" ? "email.change" : "email.sent_again")}<//>`}
      <${Remove} address=${address} onDone=${done} />
    </div>`}`;
}

/** The address, with the password: it can become a way into the account. @param {{own: Own, onDone: () => void}} props */
function AddressForm({ own, onDone }) {
  const [address, setAddress] = useState(own.address ?? "");
  const [resets, setResets] = useState(own.state === "none" || own.resets_password);
  const [password, setPassword] = useState("");
  const { run, busy, error } = useAction(async () => {
    await send("PUT", PATH, { address, resets_password: resets, password });
    onDone();
  });
  const isSame = own.state === "confirmed" && address === own.address;
  return html`<form class="card" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    run();
  }}>
    <${Field} label=${t("email.address")} value=${address} onInput=${setAddress} error=${fieldError(error, "address")}
      type="email" maxlength="254" autocomplete="email" autocapitalize="none" spellcheck=${false} required />
    <${Switch} label=${t("email.resets")} hint=${t("email.resets_hint")} checked=${resets} onChange=${setResets} />
    <${PasswordField} label=${t("email.password")} value=${password} onInput=${setPassword}
      error=${fieldError(error, "password")} autocomplete="current-password" required />
    <${ActionError} error=${error} besides=${["address", "password"]} />
    <${Button} kind="primary" type="submit" busy=${busy}>${isSame ? t("common.save") : t("email.send")}<//>
  </form>`;
}

/** The code from the mail. */
function Code() {
  const [code, setCode] = useState("");
  const { run, busy, error } = useAction(async () => {
    await send("POST", `${PATH}/confirm`, { code });
    focusHeading();
  });
  return html`<form class="card" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    run();
  }}>
    <${Field} label=${t("email.code")} hint=${t("email.code_hint")} value=${code} onInput=${setCode} error=${fieldError(error, "code")}
      autocomplete="one-time-code" autocapitalize="characters" spellcheck=${false} required />
    <${ActionError} error=${error} besides=${["code"]} />
    <${Button} kind="primary" type="submit" busy=${busy}>${t("email.confirm")}<//>
  </form>`;
}

/** What the confirmed address is used for. @param {{own: Own}} props */
function Uses({ own }) {
  const { run, error } = useAction((/** @type {Partial<Own>} */ changes) => send("PATCH", PATH, changes));
  return html`
    <${Switch} label=${t("email.notifies")} hint=${t("email.notifies_hint")} checked=${own.notifies}
      onChange=${(/** @type {boolean} */ notifies) => run({ notifies })} />
    <${Switch} label=${t("email.details")} hint=${t("email.details_hint")} checked=${own.shows_details}
      onChange=${(/** @type {boolean} */ shows) => run({ shows_details: shows })} />
    <${ActionError} error=${error} />
    ${own.notifies && html`<p><${Link} to="/me/notifications" class="text-link">${t("email.which")}<//></p>`}
    <p class="with-icon"><${Icon} name="key-round" />${t(own.resets_password ? "email.resets_on" : "email.resets_off")}</p>`;
}

/** @param {{address: string, onDone: () => void}} props */
function Remove({ address, onDone }) {
  const [isAsking, setAsking] = useState(false);
  const { run, busy, error } = useAction(async () => {
    await request("DELETE", PATH);
    setAsking(false);
    say(t("email.removed"));
    await refresh(PATH);
    onDone();
  });
  return html`<${Button} kind="quiet" icon="trash-2" onClick=${() => setAsking(true)}>${t("email.remove")}<//>
    ${isAsking && html`<${Confirm} title=${t("email.remove")} text=${t("email.remove_text", { address })} danger
      yes=${t("email.remove_yes")} busy=${busy} onYes=${run} onClose=${() => setAsking(false)}>
      <${ActionError} error=${error} /><//>`}`;
}
