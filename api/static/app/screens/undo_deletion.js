// Undo of a deletion: it brings back an account within seven days.
import { t } from "../i18n.js";
import { say } from "../parts/dialog.js";
import { Page } from "../parts/page.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { SignInForm } from "./sign_in.js";

export default function UndoDeletion() {
  return html`<${Page} title=${t("welcome.undo")} lead=${t("welcome.undo_lead")} back="/sign-in" class="narrow">
    <${SignInForm} path="/me/undo-deletion" button=${t("welcome.undo_button")} onBegin=${() => say(t("welcome.undone"))} />
  <//>`;
}
