// Recovery: a new password with the recovery code. The code is replaced, and the new one is shown to be put away.
import { request } from "../api.js";
import { t } from "../i18n.js";
import { ActionError, Button, Field, fieldError, PasswordField, useAction } from "../parts/controls.js";
import { beginSession, secrets, thisDevice } from "../parts/first_run.js";
import { useServer } from "../parts/operator.js";
import { Notice, Page } from "../parts/page.js";
import { Link } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

const FIELDS = ["sign_in_name", "recovery_code", "new_password"];

export default function Recovery() {
  const server = useServer();
  const [name, setName] = useState("");
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const { run, busy, error } = useAction(async () => {
    const body = { sign_in_name: name, recovery_code: code, new_password: password, ...(await thisDevice()) };
    const { data } = await request("POST", "/recovery", { body, withoutToken: true });
    const { sign_in_name, recovery_code, opens_reflections: opensReflections } = data;
    secrets.value = { sign_in_name, recovery_code, isNew: false, opensReflections };
    await beginSession(data.session, "/start");
  });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    run();
  };
  const typed = { autocapitalize: "none", spellcheck: false, required: true };
  return html`<${Page} title=${t("welcome.recovery")} lead=${t("welcome.recovery_lead")} back="/sign-in" class="narrow">
    <form onSubmit=${submit}>
      <${Field} label=${t("welcome.sign_in_name")} hint=${t("welcome.sign_in_name_hint")} value=${name} onInput=${setName}
        error=${fieldError(error, "sign_in_name")} name="username" autocomplete="username" ...${typed} />
      <${Field} label=${t("welcome.recovery_code")} hint=${t("welcome.recovery_code_hint")} value=${code} onInput=${setCode}
        error=${fieldError(error, "recovery_code")} autocomplete="off" ...${typed} />
      <${PasswordField} label=${t("welcome.new_password")} hint=${t("welcome.password_hint")} value=${password} onInput=${setPassword}
        error=${fieldError(error, "new_password")} name="password" autocomplete="new-password" required />
      <${Notice}>${t("welcome.recovery_ends")}<//>
      <${ActionError} error=${error} besides=${FIELDS} />
      <${Button} kind="primary" type="submit" class="wide" busy=${busy}>${t("welcome.recovery_button")}<//>
    </form>
    ${server?.mail && html`<ul class="more-ways">
      <li><${Link} class="text-link" to="/recovery/email">${t("email.recovery_link")}<//></li>
    </ul>`}
  <//>`;
}
