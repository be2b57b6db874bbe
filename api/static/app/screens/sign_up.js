// Sign-up: a name, a password and a time zone. The server makes the sign-in name.
import { newId, Refusal, request } from "../api.js";
import { t } from "../i18n.js";
import { ActionError, Button, Field, fieldError, PasswordField, useAction } from "../parts/controls.js";
import { beginSession, Progress, secrets, thisDevice } from "../parts/first_run.js";
import { heldCode } from "../parts/held_code.js";
import { OperatorNote, useServer } from "../parts/operator.js";
import { Notice, Page } from "../parts/page.js";
import { Link } from "../router.js";
import { html, useId, useRef, useState } from "../vendor/preact/preact-11.2.0.js";

const FIELDS = ["display_name", "password", "zone"];

export default function SignUp() {
  const server = useServer();
  return html`<${Page} title=${t("welcome.sign_up")} lead=${t("welcome.sign_up_lead")} back="/" class="narrow">
    <${Progress} step=${1} />
    ${heldCode.value && html`<${Notice} icon="mail">${t("join.held")}<//>`}
    ${server?.sign_up === "closed" ? html`<${Notice} icon="lock">${t("welcome.closed")}<//>` : html`<${SignUpForm} operator=${server?.operator} />`}
    <p><${Link} class="text-link" to="/sign-in">${t("welcome.have_account")}<//></p>
  <//>`;
}

/** @param {{operator: Schemas["ServerOperator"] | undefined}} props */
function SignUpForm({ operator }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [zone, setZone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  // The same id for each try: if an answer is lost, the next try gets the same account.
  const id = useRef(newId());
  const { run, busy, error } = useAction(async () => {
    const body = { display_name: name, password, zone, ...(await thisDevice()) };
    const { data } = await signUp(id, body);
    secrets.value = { sign_in_name: data.sign_in_name, recovery_code: data.recovery_code, isNew: true, opensReflections: true };
    await beginSession(data.session, "/start");
  });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    run();
  };
  return html`<form onSubmit=${submit}>
    <${Field} label=${t("welcome.name")} hint=${t("welcome.name_hint")} value=${name} onInput=${setName}
      error=${fieldError(error, "display_name")} autocomplete="given-name" most=${40} required />
    <${PasswordField} label=${t("common.password")} hint=${t("welcome.password_hint")} value=${password} onInput=${setPassword}
      error=${fieldError(error, "password")} autocomplete="new-password" required />
    <${ZoneField} value=${zone} onChange=${setZone} error=${fieldError(error, "zone")} />
    <${OperatorNote} operator=${operator} />
    <${ActionError} error=${error} besides=${FIELDS} />
    <${Button} kind="primary" type="submit" class="wide" busy=${busy}>${t("common.next")}<//>
  </form>`;
}

/** Sign up. After a lost answer and a changed form, the id names the earlier account: then take a new one.
 * @param {{current: string}} id @param {object} body */
async function signUp(id, body) {
  try {
    return await request("POST", "/people", { body: { id: id.current, ...body }, withoutToken: true });
  } catch (error) {
    if (!(error instanceof Refusal) || error.reason !== "id_taken") throw error;
    id.current = newId();
    return await request("POST", "/people", { body: { id: id.current, ...body }, withoutToken: true });
  }
}

/** @param {{value: string, onChange: (zone: string) => void, error: string}} props */
function ZoneField({ value, onChange, error }) {
  const id = useId();
  // A browser may name its own zone by an older name, which is not in its list.
  const zones = [...new Set([value, "UTC", ...Intl.supportedValuesOf("timeZone")])].sort();
  return html`<div class="field">
    <label for=${id}>${t("welcome.zone")}</label>
    <select id=${id} value=${value} aria-describedby="${id}-hint" onChange=${(/** @type {any} */ event) => onChange(event.currentTarget.value)}>
      ${zones.map((zone) => html`<option key=${zone} value=${zone}>${zone.replaceAll("_", " ")}</option>`)}
    </select>
    <p class="hint" id="${id}-hint">${t("welcome.zone_hint")}</p>
    ${error && html`<p class="fault">${error}</p>`}
  </div>`;
}
