// Idea search.
import { t } from "../i18n.js";
import { Page } from "../parts/page.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

export default function IdeaSearch() {
  return html`<${Page} title=${t("common.loading")} back="/" />`;
}
