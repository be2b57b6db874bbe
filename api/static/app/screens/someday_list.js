// The someday list: what two people want to do at some time. Each idea leads to a proposal.
import { t } from "../i18n.js";
import { ActivityCard } from "../parts/activity.js";
import { ForTwo } from "../parts/couple.js";
import { Icon } from "../parts/controls.js";
import { Empty, Loaded, Page } from "../parts/page.js";
import { PATH, SomedayButton } from "../parts/someday.js";
import { refresh, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {Schemas["SomedayItem"]} Item */

export default function SomedayList() {
  return html`<${ForTwo}>${(/** @type {Schemas["Couple"]} */ { partner }) => html`<${List} partner=${partner} />`}<//>`;
}

/** @param {{partner: string}} props */
function List({ partner }) {
  const list = useResource(PATH);
  return html`<${Page} title=${t("someday.title")} back="/ideas" lead=${t("someday.lead", { name: partner })}>
    <${Loaded} resource=${list} retry=${() => refresh(PATH)}>
      ${(/** @type {Schemas["SomedayList"]} */ { items }) =>
        items.length === 0
          ? html`<${Empty} art="ideas" title=${t("someday.empty")}><p>${t("someday.empty_text")}</p>
              <${Link} to="/ideas" class="button primary">${t("ideas.title")}<//><//>`
          : html`<div class="columns">${items.map((item) => html`<${Card} key=${item.activity.id} item=${item} partner=${partner} />`)}</div>`}
    <//>
  <//>`;
}

/** @param {{item: Item, partner: string}} props */
function Card({ item: { activity, added_by }, partner }) {
  const text = added_by === "me" ? t("someday.added_by_me") : t("someday.added_by", { name: partner });
  return html`<${ActivityCard} activity=${activity} reasons=${[{ code: "someday", text, params: {} }]}>
    <div class="buttons">
      <${Link} to="/propose/${activity.id}" class="button"><${Icon} name="calendar-plus" />${t("activity.plan")}<//>
      <${SomedayButton} activity=${activity} partner=${partner} />
    </div>
  <//>`;
}
