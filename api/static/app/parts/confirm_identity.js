// The question for the password, before what a lent or lost phone must not do. api.js asks it, then sends the request again.
import { request, whenConfirmationNeeded } from "../api.js";
import { t } from "../i18n.js";
import { onEnd } from "../session.js";
import { html, signal, useState } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Button, fieldError, PasswordField, useAction } from "./controls.js";
import { Dialog } from "./dialog.js";
import { canUsePasskeys, usePasskey } from "./passkeys.js";

/** @typedef {(isConfirmed: boolean) => void} Settle */
/** What to call with the answer, for each request that waits for it. */
const waiting = signal(/** @type {Settle[]} */ ([]));

whenConfirmationNeeded(() => new Promise((resolve) => {
  waiting.value = [...waiting.value, resolve];
}));
onEnd(() => settle(false));

/** @type {Settle} */
function settle(isConfirmed) {
  const settled = waiting.value;
  waiting.value = [];
  for (const resolve of settled) resolve(isConfirmed);
}

/** The dialog, while a request waits for the answer. */
export function ConfirmIdentity() {
  return waiting.value.length > 0 ? html`<${Question} />` : null;
}

function Question() {
  const [password, setPassword] = useState("");
  const { run, busy, error } = useAction(async () => {
    await request("POST", "/sign-ins/current/confirm", { body: { password } });
    settle(true);
  });
  const passkey = useAction(async () => {
    await request("POST", "/sign-ins/current/confirm", { body: { passkey: await usePasskey() } });
    settle(true);
  });
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    run();
  };
  return html`<${Dialog} title=${t("confirm.title")} onClose=${() => settle(false)}>
    <p>${t("confirm.text")}</p>
    <form onSubmit=${submit}>
      <${PasswordField} label=${t("common.password")} value=${password} onInput=${setPassword}
        error=${fieldError(error, "password")} autocomplete="current-password" required autofocus />
      <${ActionError} error=${error} besides=${["password"]} />
      <div class="buttons">
        <${Button} onClick=${() => settle(false)}>${t("common.cancel")}<//>
        <${Button} kind="primary" type="submit" busy=${busy}>${t("confirm.yes")}<//>
      </div>
    </form>
    ${canUsePasskeys && html`<${ActionError} error=${passkey.error} />
      <p><${Button} kind="quiet" icon="key-round" class="wide" busy=${passkey.busy} onClick=${passkey.run}>${t("passkeys.use")}<//></p>`}
  <//>`;
}
