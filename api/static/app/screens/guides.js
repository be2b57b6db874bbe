// What a person can read for themselves: guides for talks, self-care plans and kinds of outside help. Only they see it.
import { formatMinutes, t } from "../i18n.js";
import { Loaded, Page, Section } from "../parts/page.js";
import { RowLink } from "../parts/rows.js";
import { CHOSEN, PlanRows } from "../parts/self_care.js";
import { SupportKind } from "../parts/support_kind.js";
import { refresh, useResource } from "../resources.js";
import { Link, query } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

const PARTS = /** @type {const} */ ({ talks: Talks, care: SelfCare, help: OutsideHelp });

export default function Guides() {
  const asked = query.value.get("show");
  const shown = asked === "care" || asked === "help" ? asked : "talks";
  const partner = useResource("/today").data?.couple?.partner;
  const tabs = /** @type {const} */ ([
    ["talks", t("guides.talks")],
    ["care", t("guides.care")],
    ["help", t("guides.help")],
  ]);
  return html`<${Page} title=${t("guides.title")} tab="Rekindle" back="/us"
      lead=${partner ? t("guides.lead_paired", { name: partner }) : t("guides.lead")}>
    <nav class="sides three" aria-label=${t("guides.title")}>
      ${tabs.map(
        ([name, label]) => html`<${Link} key=${name} to=${name === "talks" ? "/me/guides" : `/me/guides?show=${name}`}
          aria-current=${name === shown ? "page" : undefined}>${label}<//>`,
      )}
    </nav>
    <${PARTS[shown]} />
  <//>`;
}

function Talks() {
  const kinds = useResource("/catalogue").data?.guide_kinds ?? [];
  const guides = useResource("/guides");
  return html`<${Loaded} resource=${guides} retry=${() => refresh("/guides")} lines=${6}>
    ${(/** @type {Schemas["Guides"]} */ { items }) => html`<div class="columns">
      ${kinds.map(({ value, label }) => {
        const own = items.filter((guide) => guide.kind === value);
        return own.length > 0 && html`<${Section} key=${value} title=${label}>
          <ul class="rows">${own.map((guide) => html`<${RowLink} key=${guide.slug} to="/me/guides/${guide.slug}" icon=${guide.for === "one" ? "user" : "users"}
            label=${guide.title} text=${t(guide.for === "one" ? "guides.for_one" : "guides.for_two", { time: formatMinutes(guide.minutes) })} />`)}</ul>
        <//>`;
      })}
    </div>`}
  <//>`;
}

function SelfCare() {
  const plans = useResource("/self-care-plans");
  const chosen = useResource(CHOSEN).data?.items ?? [];
  return html`${chosen.length > 0 && html`<${Section} title=${t("care.yours")}><${PlanRows} plans=${chosen} /><//>`}
  <${Loaded} resource=${plans} retry=${() => refresh("/self-care-plans")} lines=${6}>
    ${(/** @type {Schemas["SelfCarePlans"]} */ { items }) => html`<${Section} title=${t("guides.care")}>
      <p class="hint">${t("guides.care_lead")}</p>
      <ul class="rows">${items.map((plan) => html`<${RowLink} key=${plan.slug} to="/me/self-care/${plan.slug}" icon="hand-heart"
        label=${plan.title} text=${t("guides.days", { count: plan.days })} />`)}</ul>
    <//>`}
  <//>`;
}

function OutsideHelp() {
  const kinds = useResource("/support-kinds");
  return html`<${Loaded} resource=${kinds} retry=${() => refresh("/support-kinds")} lines=${6}>
    ${(/** @type {Schemas["SupportKinds"]} */ { items }) => html`
      <p class="hint">${t("guides.help_lead")} <${Link} to="/safety" class="text-link">${t("me.safety_page")}<//></p>
      ${/** @type {const} */ (["one", "two"]).map((party) => html`<${Section} key=${party} title=${t(party === "one" ? "guides.help_one" : "guides.help_two")}>
        <div class="folds">${items.filter((kind) => kind.for === party).map((kind) => html`<${SupportKind} key=${kind.kind} kind=${kind} />`)}</div>
      <//>`)}`}
  <//>`;
}
