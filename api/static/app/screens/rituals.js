// The rituals that run or are offered.
import { t } from "../i18n.js";
import { CategoryPicture } from "../parts/activity.js";
import { Icon } from "../parts/controls.js";
import { Empty, Loaded, Page } from "../parts/page.js";
import { ritualText } from "../parts/ritual.js";
import { refresh, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

export default function Rituals() {
  const rituals = useResource("/rituals");
  const partner = useResource("/me").data?.couple?.partner;
  return html`<${Page} title=${t("rituals.title")} lead=${t("rituals.lead")} back="/calendar" class="rituals">
    <${Loaded} resource=${rituals} retry=${() => refresh("/rituals")}>
      ${(/** @type {Schemas["Rituals"]} */ { items }) =>
        items.length > 0
          ? html`<ul class="rows">${items.map((ritual) => html`<${Row} key=${ritual.id} ritual=${ritual} partner=${partner} />`)}</ul>`
          : html`<${Empty} art="calendar" title=${t("rituals.empty")}><p>${t("rituals.empty_text")}</p>
              <${Link} to="/ideas" class="button primary"><${Icon} name="lightbulb" />${t("dates.find_idea")}<//><//>`}
    <//>
  <//>`;
}

/** @param {{ritual: Schemas["Ritual"], partner: string | undefined}} props */
function Row({ ritual, partner }) {
  const isOffered = ritual.state === "offered";
  const waits = ritual.sender === "me" ? t("dates.waits_for_partner", { name: partner ?? t("dates.they") }) : t("dates.waits_for_you");
  const state = isOffered ? waits : ritual.for === "one" ? t("dates.just_me") : t("dates.accepted");
  return html`<li><${Link} class="row date-row" to=${isOffered ? `/dates/${ritual.date_id}` : `/rituals/${ritual.id}`}>
    <${CategoryPicture} category=${ritual.activity.category} />
    <span><b>${ritual.activity.title}</b><small>${ritualText(ritual)}</small>
      <span class="date-state ${isOffered ? "open" : "good"}"><${Icon} name=${isOffered ? "clock" : "repeat"} />${state}</span></span>
    <${Icon} name="chevron-right" class="ahead" /><//></li>`;
}
