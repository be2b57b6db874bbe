// Looking back on twelve months: dates a month and kinds, as charts with tables, and the viewer's own numbers.
import { formatNumber, formatWall, t } from "../i18n.js";
import { BarChart, LyingBarChart } from "../parts/bar_chart.js";
import { Icon } from "../parts/controls.js";
import { formatMonth } from "../parts/memory.js";
import { usePartner } from "../parts/note.js";
import { Empty, Loaded, Page, Section } from "../parts/page.js";
import { refresh, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

export default function LookingBack() {
  const us = useResource("/us");
  return html`<${Page} title=${t("looking_back.title")} lead=${t("looking_back.lead")} back="/us" class="looking-back">
    <${Loaded} resource=${us} retry=${() => refresh("/us")} lines=${5}>
      ${(/** @type {Schemas["Us"]} */ data) => html`<${Content} us=${data} />`}
    <//>
  <//>`;
}

/** @param {{us: Schemas["Us"]}} props */
function Content({ us }) {
  const partner = usePartner();
  return html`
    ${us.memories > 0 ? html`<${Charts} us=${us} />` : html`<${Empty} art="calendar" title=${t("looking_back.none")}><p>${t("looking_back.none_text")}</p><//>`}
    <${Section} title=${t("looking_back.own")} class="side own">
      <dl class="numbers">
        <div><dt>${t("looking_back.notes")}</dt><dd>${formatNumber(us.own.notes)}</dd></div>
        ${partner && html`<div><dt>${t("looking_back.shared_notes", { name: partner })}</dt><dd>${formatNumber(us.own.shared_notes)}</dd></div>`}
        <div><dt>${t("looking_back.dates_alone")}</dt><dd>${formatNumber(us.own.dates_alone)}</dd></div>
      </dl>
      <p class="seen"><${Icon} name="lock" />${t("dates.only_you")}</p>
    <//>`;
}

/** @param {{us: Schemas["Us"]}} props */
function Charts({ us }) {
  const categories = useResource("/catalogue").data?.categories ?? [];
  const labelOf = (/** @type {string} */ category) => categories.find((each) => each.value === category)?.label ?? category;
  const months = us.months.map(({ month, dates }) => ({
    key: month,
    label: formatMonth(month),
    short: formatWall(`${month}-01`, { month: "narrow" }),
    value: dates,
  }));
  const kinds = us.kinds.map(({ category, dates }) => ({ key: category, label: labelOf(category), short: labelOf(category), value: dates }));
  return html`<p>${t("looking_back.memories", { count: us.memories })} <${Link} to="/memories" class="text-link">${t("looking_back.to_memories")}<//></p>
    ${us.first_day && html`<p class="hint">${t("looking_back.since", { day: formatWall(us.first_day, { day: "numeric", month: "long", year: "numeric" }) })}</p>`}
    <div class="columns">
      <${Section} title=${t("looking_back.months")}><${BarChart} title=${t("looking_back.months")} head=${[t("looking_back.month"), t("looking_back.dates")]} bars=${months} /><//>
      <${Section} title=${t("looking_back.kinds")}><${LyingBarChart} title=${t("looking_back.kinds")} head=${[t("looking_back.kind"), t("looking_back.dates")]} bars=${kinds} /><//>
    </div>`;
}
