// The lock of reflections: unlock them on this sign-in, what protects them, and the way to begin afresh.
import { Refusal, request } from "../api.js";
import { t } from "../i18n.js";
import { change, refresh } from "../resources.js";
import { Link } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Button, Field, fieldError, Icon, PasswordField, useAction } from "./controls.js";
import { Confirm, say } from "./dialog.js";
import { Fold } from "./fold.js";
import { Notice } from "./page.js";

export const LOCK = "/me/reflections";

/** @typedef {Schemas["ReflectionLock"]} Lock */

/** Show what the server says of the lock. @param {Lock} lock */
export function showLock(lock) {
  change(LOCK, () => lock);
  refresh(LOCK);
}

/** What a person sees while this sign-in cannot read the reflections. @param {{lock: Lock}} props */
export function Unlock({ lock }) {
  const isNew = lock.state === "new";
  const needsBoth = lock.needs.length > 1;
  return html`
    ${isNew
      ? html`<p>${t("reflections.first")}</p>`
      : html`<${Notice} icon="lock">${needsBoth ? t("reflections.locked_by_mail") : t("reflections.locked")}<//>`}
    <${UnlockForm} isNew=${isNew} needsBoth=${needsBoth} />
    <${Protection} isOpen=${isNew} />
    ${!isNew && html`<${BeginAfresh} count=${lock.reflections} />`}`;
}

/** The form that unlocks them. @param {{isNew: boolean, needsBoth: boolean}} props */
export function UnlockForm({ isNew, needsBoth }) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [usesCode, setUsesCode] = useState(false);
  const hasPassword = needsBoth || !usesCode;
  const hasCode = needsBoth || usesCode;
  const { run, busy, error } = useAction(async () => {
    const body = { password: hasPassword ? password : null, recovery_code: hasCode ? code : null };
    const { data } = await request("POST", `${LOCK}/unlock`, { body });
    showLock(data);
  });
  return html`<form class="card" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    run();
  }}>
    ${hasCode && html`<${Field} label=${t("welcome.recovery_code")} hint=${needsBoth ? t("reflections.code_hint") : undefined} value=${code}
      onInput=${setCode} error=${fieldError(error, "recovery_code")} autocomplete="off" autocapitalize="characters" spellcheck=${false} required />`}
    ${hasPassword && html`<${PasswordField} label=${t("common.password")} value=${password} onInput=${setPassword}
      error=${fieldError(error, "password")} autocomplete="current-password" required />`}
    <${ActionError} error=${error} besides=${["password", "recovery_code"]} />
    ${error instanceof Refusal && error.reason === "reflections_need_new_code" && html`<p><${Link} to="/me/account" class="text-link">${t("me.account")}<//></p>`}
    <${Button} kind="primary" icon="key-round" type="submit" class="wide" busy=${busy}>${isNew ? t("reflections.begin") : t("reflections.unlock")}<//>
    ${!isNew && !needsBoth && html`<${Button} kind="quiet" class="wide" onClick=${() => setUsesCode(!usesCode)}>
      ${usesCode ? t("reflections.use_password") : t("reflections.use_code")}<//>`}
  </form>`;
}

/** What the encryption protects from, and what it does not. @param {{isOpen?: boolean}} props */
export function Protection({ isOpen = false }) {
  const lines = /** @type {const} */ ([
    ["lock", "reflections.protects"],
    ["key-round", "reflections.opens"],
    ["eye", "reflections.shows"],
    ["circle-alert", "reflections.operator"],
    ["smartphone", "reflections.device"],
  ]);
  return html`<${Fold} title=${t("reflections.protection")} summary=${t("reflections.protection_summary")} open=${isOpen}>
    <ul class="meaning">
      ${lines.map(([icon, text]) => html`<li key=${text}><${Icon} name=${icon} /><span>${t(text)}</span></li>`)}
    </ul>
  <//>`;
}

/** Delete everything for good when nothing opens it any more. It asks twice. @param {{count: number}} props */
function BeginAfresh({ count }) {
  const [asked, setAsked] = useState(0);
  const { run, busy, error } = useAction(async () => {
    try {
      const { data } = await request("POST", `${LOCK}/begin-afresh`, { body: { reflections: count } });
      showLock(data);
      say(t("reflections.begun_afresh"));
    } finally {
      setAsked(0);
    }
  });
  // The first dialog also closes when the second takes its place.
  const close = (/** @type {number} */ step) => () => setAsked((now) => (now === step ? 0 : now));
  return html`<${Fold} title=${t("reflections.lost")} summary=${t("reflections.lost_summary")}>
    <p>${t("reflections.lost_text")}</p>
    <${ActionError} error=${error} />
    <${Button} icon="trash-2" onClick=${() => setAsked(1)}>${t("reflections.afresh")}<//>
    ${asked === 1 && html`<${Confirm} title=${t("reflections.afresh_title", { count })} text=${t("reflections.afresh_text")}
      yes=${t("reflections.afresh_on")} danger=${true} onYes=${() => setAsked(2)} onClose=${close(1)} />`}
    ${asked === 2 && html`<${Confirm} key="sure" title=${t("reflections.afresh_sure")} text=${t("reflections.afresh_sure_text")}
      yes=${t("reflections.afresh_yes")} danger=${true} busy=${busy} onYes=${run} onClose=${close(2)} />`}
  <//>`;
}
