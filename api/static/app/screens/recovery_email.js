// Recovery by mail: ask for a code, then set a new password with it. The screen is the same whether the account exists.
import { request } from "../api.js";
import { t } from "../i18n.js";
import { ActionError, Button, Field, fieldError, PasswordField, useAction } from "../parts/controls.js";
import { beginSession, thisDevice } from "../parts/first_run.js";
import { focusHeading, Notice, Page } from "../parts/page.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

const TYPED = { autocapitalize: "none", spellcheck: false, required: true };

export default function RecoveryEmail() {
  const [name, setName] = useState("");
  const [isAsked, setAsked] = useState(false);
  const ask = () => {
    setAsked(true);
    focusHeading();
  };
  return html`<${Page} title=${t("email.recovery")} lead=${t("email.recovery_lead")} back="/recovery" class="narrow">
    ${isAsked
      ? html`<${NewPassword} name=${name} onAgain=${() => setAsked(false)} />`
      : html`<${Ask} name=${name} onName=${setName} onAsk=${ask} />`}
  <//>`;
}

/** @param {{name: string, onName: (name: string) => void, onAsk: () => void}} props */
function Ask({ name, onName, onAsk }) {
  const { run, busy, error } = useAction(async () => {
    await request("POST", "/recovery/email", { body: { sign_in_name: name }, withoutToken: true });
    onAsk();
  });
  return html`<${Form} onSubmit=${run}>
    <${Field} label=${t("welcome.sign_in_name")} hint=${t("welcome.sign_in_name_hint")} value=${name} onInput=${onName}
      error=${fieldError(error, "sign_in_name")} name="username" autocomplete="username" ...${TYPED} />
    <${ActionError} error=${error} besides=${["sign_in_name"]} />
    <${Button} kind="primary" type="submit" class="wide" busy=${busy}>${t("email.recovery_ask")}<//>
  <//>`;
}

/** @param {{name: string, onAgain: () => void}} props */
function NewPassword({ name, onAgain }) {
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const { run, busy, error } = useAction(async () => {
    const body = { sign_in_name: name, code, new_password: password, ...(await thisDevice()) };
    const { data } = await request("POST", "/recovery/email/confirm", { body, withoutToken: true });
    await beginSession(data.session, "/");
  });
  return html`<${Notice} icon="mail">${t("email.recovery_sent")}<//>
    <${Form} onSubmit=${run}>
      <input type="text" autocomplete="username" value=${name} readonly hidden />
      <${Field} label=${t("email.code")} hint=${t("email.code_hint")} value=${code} onInput=${setCode}
        error=${fieldError(error, "code")} autocomplete="one-time-code" ...${TYPED} />
      <${PasswordField} label=${t("welcome.new_password")} hint=${t("welcome.password_hint")} value=${password} onInput=${setPassword}
        error=${fieldError(error, "new_password")} name="password" autocomplete="new-password" required />
      <${Notice}>${t("email.recovery_ends")}<//>
      <${Notice} icon="lock">${t("email.recovery_reflections")}<//>
      <${ActionError} error=${error} besides=${["code", "new_password"]} />
      <${Button} kind="primary" type="submit" class="wide" busy=${busy}>${t("welcome.recovery_button")}<//>
    <//>
    <p><${Button} kind="quiet" onClick=${onAgain}>${t("email.recovery_again")}<//></p>`;
}

/** @param {{onSubmit: () => void, children?: any}} props */
function Form({ onSubmit, children }) {
  return html`<form onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    onSubmit();
  }}>${children}</form>`;
}
