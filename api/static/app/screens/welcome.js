// Welcome: what a person sees who has not signed in on this device.
import { t } from "../i18n.js";
import { Page } from "../parts/page.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

export default function Welcome() {
  return html`<${Page} title="Rekindle" lead=${t("common.loading")}><//>`;
}
