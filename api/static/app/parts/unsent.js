// A warning about writes that were not sent and are lost when this device is emptied.
import { t } from "../i18n.js";
import { outbox } from "../outbox.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Notice } from "./page.js";

export function UnsentNotice() {
  const count = outbox.value.length;
  return count > 0 && html`<${Notice} kind="fault" icon="circle-alert">${t("me.unsent", { count })}<//>`;
}
