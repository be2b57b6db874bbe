// What there was on this day in earlier years. "Not now" hides a memory for good.
import { t } from "../i18n.js";
import { useResource } from "../resources.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { HideButton, MemoryCard } from "./memory.js";
import { Section } from "./page.js";

export default function OnThisDay() {
  const items = useResource("/memories/on-this-day").data?.items ?? [];
  if (items.length === 0) return null;
  return html`<${Section} title=${t("memories.on_this_day")} class="on-this-day">
    <ul class="papers">${items.map(
      (memory) => html`<${MemoryCard} key=${memory.id} memory=${memory}><${HideButton} memory=${memory} label=${t("memories.not_now")} /><//>`,
    )}</ul>
  <//>`;
}
