// Sign-in: with the sign-in name and the password.
import { request } from "../api.js";
import { t } from "../i18n.js";
import { ActionError, Button, Field, fieldError, PasswordField, useAction } from "../parts/controls.js";
import { beginSession, thisDevice } from "../parts/first_run.js";
import { heldCode } from "../parts/held_code.js";
import { Notice, Page } from "../parts/page.js";
import { canUsePasskeys, usePasskey } from "../parts/passkeys.js";
import { Link } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

export default function SignIn() {
  return html`<${Page} title=${t("welcome.sign_in")} back="/" class="narrow">
    ${heldCode.value && html`<${Notice} icon="mail">${t("join.held")}<//>`}
    <${SignInForm} path="/sign-ins" button=${t("welcome.sign_in")} />
    ${canUsePasskeys && html`<${ByPasskey} />`}
    <ul class="more-ways">
      <li><${Link} class="text-link" to="/recovery">${t("welcome.forgot")}<//></li>
      <li><${Link} class="text-link" to="/sign-up">${t("welcome.no_account")}<//></li>
      <li><${Link} class="text-link" to="/undo-deletion">${t("welcome.undo")}<//></li>
    </ul>
  <//>`;
}

/** Sign in with a passkey: the device knows whose it is. */
function ByPasskey() {
  const { run, busy, error } = useAction(async () => {
    const body = { passkey: await usePasskey(), ...(await thisDevice()) };
    const { data } = await request("POST", "/sign-ins/by-passkey", { body, withoutToken: true });
    await beginSession(data.session, heldCode.value ? "/join" : "/");
  });
  return html`<${Button} icon="key-round" class="wide" busy=${busy} onClick=${run}>${t("passkeys.sign_in")}<//>
    <${ActionError} error=${error} />`;
}

/**
 * The form of a sign-in name and a password, which begins a session.
 * @param {{path: string, button: string, onBegin?: (answer: any) => void}} props
 */
export function SignInForm({ path, button, onBegin }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const { run, busy, error } = useAction(async () => {
    const body = { sign_in_name: name, password, ...(await thisDevice()) };
    const { data } = await request("POST", path, { body, withoutToken: true });
    await beginSession(data.session, heldCode.value ? "/join" : "/");
    onBegin?.(data);
  });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    run();
  };
  return html`<form onSubmit=${submit}>
    <${Field} label=${t("welcome.sign_in_name")} hint=${t("welcome.sign_in_name_hint")} value=${name} onInput=${setName}
      error=${fieldError(error, "sign_in_name")} name="username" autocomplete="username" autocapitalize="none" spellcheck=${false} required />
    <${PasswordField} label=${t("common.password")} value=${password} onInput=${setPassword}
      error=${fieldError(error, "password")} name="password" autocomplete="current-password" required />
    <${ActionError} error=${error} besides=${["sign_in_name", "password"]} />
    <${Button} kind="primary" type="submit" class="wide" busy=${busy}>${button}<//>
  </form>`;
}
