// Account: the display name, the sign-in name, the time zone, the password and the recovery code.
import { request } from "../api.js";
import { t } from "../i18n.js";
import { ActionError, Button, Field, fieldError, Icon, PasswordField, useAction } from "../parts/controls.js";
import { say } from "../parts/dialog.js";
import { forgetSecrets } from "../parts/first_run.js";
import { Loaded, Notice, Page, Section } from "../parts/page.js";
import { KeepSecrets } from "../parts/secrets.js";
import { change, refresh, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html, useId, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {Schemas["Me"]} Me */

export default function Account() {
  const me = useResource("/me");
  return html`<${Page} title=${t("me.account")} back="/us">
    <${Loaded} resource=${me} retry=${() => refresh("/me")}>
      ${(/** @type {Me} */ data) => html`
        <${DisplayName} me=${data} />
        <${SignInName} me=${data} />
        <${TimeZone} me=${data} />
        <${Password} me=${data} />
        <${RecoveryCode} me=${data} />`}
    <//>
  <//>`;
}

/** Change the account, and show the change at once. @param {Me} me @param {Partial<Me>} changes */
async function edit(me, changes) {
  try {
    const { data } = await request("PATCH", "/me", { body: changes, version: me.version });
    change("/me", () => data);
    say(t("common.saved"));
  } finally {
    refresh("/me"); // after a conflict, the next try has the new version
    refresh("/today");
  }
}

/** @param {{me: Me}} props */
function DisplayName({ me }) {
  const [typed, setTyped] = useState(/** @type {string | null} */ (null));
  const name = typed ?? me.display_name;
  const { run, busy, error } = useAction(async () => {
    await edit(me, { display_name: name });
    setTyped(null);
  });
  const hint = me.couple ? t("me.name_partner", { name: me.couple.partner }) : t("me.name_alone");
  return html`<${Section} title=${t("me.name")}>
    <${Form} onSubmit=${run}>
      <${Field} label=${t("me.name_label")} hint=${hint} value=${name} onInput=${setTyped} error=${fieldError(error, "display_name")}
        most=${40} autocomplete="nickname" required />
      <${ActionError} error=${error} besides=${["display_name"]} />
      <${Button} type="submit" busy=${busy} disabled=${busy || !name.trim() || name === me.display_name}>${t("me.name_save")}<//>
    <//>
  <//>`;
}

/** @param {{me: Me}} props */
function SignInName({ me }) {
  const copy = async () => {
    await navigator.clipboard.writeText(me.sign_in_name);
    say(t("common.copied"));
  };
  return html`<${Section} title=${t("me.sign_in_name")}>
    <div class="card">
      <p class="code-line"><code>${me.sign_in_name}</code>
        ${navigator.clipboard && html`<${Button} kind="quiet" icon="copy" onClick=${copy}>${t("common.copy")}<//>`}</p>
      <p class="hint">${t("me.sign_in_name_text")}</p>
    </div>
  <//>`;
}

/** @param {{me: Me}} props */
function TimeZone({ me }) {
  const id = useId();
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zones = [...new Set([me.zone, here, ...Intl.supportedValuesOf("timeZone")])].sort();
  const { run, busy, error } = useAction((/** @type {string} */ zone) => edit(me, { zone }));
  return html`<${Section} title=${t("me.zone")}>
    ${here !== me.zone && html`<div class="card pine">
      <p>${t("me.zone_differs", { here: nameOf(here), zone: nameOf(me.zone) })}</p>
      <${Button} icon="map-pin" busy=${busy} onClick=${() => run(here)}>${t("me.zone_use", { zone: nameOf(here) })}<//>
    </div>`}
    <div class="field">
      <label for=${id}>${t("me.zone_label")}</label>
      <select id=${id} value=${me.zone} disabled=${busy} aria-describedby="${id}-hint"
        onChange=${(/** @type {any} */ event) => run(event.currentTarget.value)}>
        ${zones.map((zone) => html`<option key=${zone} value=${zone} selected=${zone === me.zone}>${nameOf(zone)}</option>`)}
      </select>
      <p class="hint" id="${id}-hint">${t("me.zone_hint")}</p>
    </div>
    <${ActionError} error=${error} />
  <//>`;
}

/** @param {string} zone such as "America/New_York" */
const nameOf = (zone) => zone.replaceAll("_", " ");

/** @param {{me: Me}} props */
function Password({ me }) {
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const { run, busy, error } = useAction(async () => {
    await request("PUT", "/me/password", { body: { current_password: current, new_password: fresh } });
    setCurrent("");
    setFresh("");
    say(t("me.password_changed"));
  });
  return html`<${Section} title=${t("common.password")}>
    <${Form} onSubmit=${run}>
      <input type="text" autocomplete="username" value=${me.sign_in_name} readonly hidden />
      <${PasswordField} label=${t("me.password_current")} value=${current} onInput=${setCurrent}
        error=${fieldError(error, "current_password")} autocomplete="current-password" required />
      <${PasswordField} label=${t("me.password_new")} hint=${t("me.password_hint")} value=${fresh} onInput=${setFresh}
        error=${fieldError(error, "new_password")} autocomplete="new-password" required />
      <p class="with-icon hint"><${Icon} name="log-out" />${t("me.password_ends")}</p>
      <${ActionError} error=${error} besides=${["current_password", "new_password"]} />
      <${Button} type="submit" busy=${busy}>${t("me.password_save")}<//>
      <p class="hint">${t("me.password_forgotten")}</p>
      <${Link} to="/me/sign-ins" class="text-link">${t("me.sign_ins")}<//>
    <//>
  <//>`;
}

/** Make a new recovery code, and show it once. @param {{me: Me}} props */
function RecoveryCode({ me }) {
  // After a reset by mail, only the present code opens the reflections.
  const isLocked = (useResource("/me/reflections").data?.needs.length ?? 0) > 1;
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [opensReflections, setOpens] = useState(true);
  const { run, busy, error } = useAction(async () => {
    const { data } = await request("POST", "/me/recovery-code", { body: { password } });
    setPassword("");
    setOpens(data.opens_reflections);
    setCode(data.recovery_code);
  });
  const done = () => {
    setCode("");
    forgetSecrets();
    say(t("me.code_done"));
  };
  return html`<${Section} title=${t("welcome.recovery_code")}>
    ${code
      ? html`${!opensReflections && html`<${Notice} icon="lock">${t("me.code_keep_old")}<//>`}
          <${KeepSecrets} secrets=${{ sign_in_name: me.sign_in_name, recovery_code: code }} onDone=${done} />`
      : html`<${Form} onSubmit=${run}>
          <p>${t("me.code_text")}</p>
          ${isLocked && html`<${Notice} icon="lock">${t("me.code_reflections")} <${Link} to="/notes/reflections">${t("reflections.title")}<//><//>`}
          <input type="text" autocomplete="username" value=${me.sign_in_name} readonly hidden />
          <${PasswordField} label=${t("me.code_password")} value=${password} onInput=${setPassword}
            error=${fieldError(error, "password")} autocomplete="current-password" required />
          <${ActionError} error=${error} besides=${["password"]} />
          <${Button} type="submit" busy=${busy}>${t("me.code_make")}<//>
        <//>`}
  <//>`;
}

/** @param {{onSubmit: () => void, children?: any}} props */
function Form({ onSubmit, children }) {
  return html`<form class="card" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    onSubmit();
  }}>${children}</form>`;
}
