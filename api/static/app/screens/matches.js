// What both are curious about. It is not a yes, so each leads to a proposal.
import { t } from "../i18n.js";
import { ActivityCard } from "../parts/activity.js";
import { Icon } from "../parts/controls.js";
import { Empty, Loaded, Page } from "../parts/page.js";
import { SomedayButton } from "../parts/someday.js";
import { refresh, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

export default function Matches() {
  const partner = useResource("/today").data?.couple?.partner ?? "";
  const matches = useResource("/matches");
  const isEmpty = matches.data?.items.length === 0;
  return html`<${Page} title=${t("ideas.matches")} back="/ideas" lead=${partner && !isEmpty ? t("ideas.matches_lead", { name: partner }) : ""}>
    <${Loaded} resource=${matches} retry=${() => refresh("/matches")}>
      ${(/** @type {Schemas["ActivityMatches"]} */ { items }) =>
        items.length === 0
          ? html`<${Empty} art="curious" title=${t("ideas.matches_empty")}>
              <p>${partner ? t("ideas.matches_empty_text", { name: partner }) : t("ideas.matches_empty_alone")}</p>
              <${Link} to="/ideas" class="button primary">${t("ideas.title")}<//><//>`
          : html`<div class="columns">${items.map(
              ({ activity, key, text }) => html`<${ActivityCard} key=${activity.id} activity=${activity} reasons=${[{ code: key, text, params: {} }]}>
                <div class="buttons">
                  <${Link} to="/propose/${activity.id}" class="button"><${Icon} name="calendar-plus" />${t("activity.plan")}<//>
                  <${SomedayButton} activity=${activity} partner=${partner} />
                </div>
              <//>`,
            )}</div>`}
    <//>
  <//>`;
}
