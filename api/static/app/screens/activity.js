// One activity: everything that is needed to do it, what the viewer thinks of it, and the ways to plan or share it.
import { formatList, t } from "../i18n.js";
import { request } from "../api.js";
import { ActivityFacts, CategoryPicture, stepsOf } from "../parts/activity.js";
import { ActionError, Button, Icon, useAction } from "../parts/controls.js";
import { Confirm, Dialog, say } from "../parts/dialog.js";
import { Empty, Loaded, Notice, Page, Section } from "../parts/page.js";
import { Photos } from "../parts/photos.js";
import { SomedayButton } from "../parts/someday.js";
import { VoteButtons, VoteExplanation } from "../parts/vote.js";
import { refresh, useResource } from "../resources.js";
import { Link, navigate } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

/** @param {{id: string}} props */
export default function ActivityScreen({ id }) {
  const path = /** @type {const} */ (`/activities/${id}`);
  const activity = /** @type {import("../resources.js").Resource<Schemas["Activity"]>} */ (useResource(path));
  const isGone = activity.error && "status" in activity.error && activity.error.status === 404;
  return html`<${Page} title=${activity.data?.title ?? t("ideas.title")} back="/ideas">
    ${isGone
      ? html`<${Empty} art="no-ideas" title=${t("activity.gone")}><p>${t("activity.gone_text")}</p>
          <${Link} to="/ideas" class="button">${t("ideas.title")}<//><//>`
      : html`<${Loaded} resource=${activity} retry=${() => refresh(path)}>
          ${(/** @type {Schemas["Activity"]} */ data) => html`<${Content} activity=${data} />`}
        <//>`}
  <//>`;
}

/** @param {{activity: Schemas["Activity"]}} props */
function Content({ activity }) {
  const partner = useResource("/today").data?.couple?.partner ?? "";
  const hasText = activity.starter || [activity.steps, activity.variations, activity.safety].some((texts) => texts.length > 0);
  const isMatch = useResource("/matches").data?.items.some((match) => match.activity.id === activity.id);
  return html`
    <div class="activity-head">
      <${CategoryPicture} category=${activity.category} />
      ${activity.summary && html`<p class="lead">${activity.summary}</p>`}
      <${ActivityFacts} activity=${activity} />
      ${isMatch && html`<${Notice} icon="sparkles" kind="good">${t("activity.matched")}<//>`}
      <${Author} activity=${activity} partner=${partner} />
      <div class="buttons">
        <${Link} to="/propose/${activity.id}" class="button primary"><${Icon} name="calendar-plus" />${t("activity.plan")}<//>
        <${SomedayButton} activity=${activity} partner=${partner} />
        <${Share} activity=${activity} />
      </div>
    </div>
    <div class=${hasText ? "columns" : ""}>
      <div class="activity-how">
        ${activity.steps.length > 0 && html`<${Section} title=${t("activity.steps")}>
          <ol class="steps">${stepsOf(activity).map((step) => html`<li key=${step}><span>${step}</span></li>`)}</ol><//>`}
        ${activity.starter && html`<${Section} title=${t("activity.starter")}><p class="card pine question">${activity.starter}</p><//>`}
        ${activity.variations.length > 0 && html`<${Section} title=${t("activity.variations")}><${Bullets} texts=${activity.variations} /><//>`}
        ${activity.safety.length > 0 && html`<${Section} title=${t("activity.safety")} class="safety"><${Bullets} texts=${activity.safety} /><//>`}
      </div>
      <div class="activity-how">
        <${Section} title=${t("activity.vote")}><${VoteButtons} activity=${activity} /><${VoteExplanation} partner=${partner} /><//>
        <${Facts} activity=${activity} />
      </div>
    </div>
    ${activity.source !== "catalogue" && html`<${IdeaPhotos} activity=${activity} partner=${partner} />`}
    ${activity.source === "me" && html`<${OwnActions} activity=${activity} partner=${partner} />`}`;
}

/** @param {{texts: string[]}} props */
const Bullets = ({ texts }) => html`<ul class="bullets">${texts.map((text) => html`<li key=${text}>${text}</li>`)}</ul>`;

/** Who wrote an own idea, and who sees it. @param {{activity: Schemas["Activity"], partner: string}} props */
function Author({ activity, partner }) {
  if (activity.source === "catalogue") return null;
  if (activity.source === "partner") return html`<${Notice} icon="user">${t("activity.author_copy", { name: partner })}<//>`;
  return html`<${Notice} icon="eye-off">${partner ? t("activity.author_me", { name: partner }) : t("activity.author_me_alone")}<//>`;
}

/** The photos of an own idea, or of the partner's as it was proposed. @param {{activity: Schemas["Activity"], partner: string}} props */
function IdeaPhotos({ activity, partner }) {
  const photos = useResource(`/activities/${activity.id}/photos`).data?.items;
  const about = activity.source === "me" ? { activity_id: activity.id } : null;
  return photos && html`<${Photos} photos=${photos} about=${about} lead=${partner ? t("photos.lead_idea", { name: partner }) : ""} />`;
}

/** When, where and for whom it works, in the labels of the catalogue. @param {{activity: Schemas["Activity"]}} props */
function Facts({ activity }) {
  const catalogue = useResource("/catalogue").data;
  if (!catalogue) return null;
  /** @param {readonly {value: string | number, label: string}[]} list @param {string | number} value */
  const label = (list, value) => list.find((each) => each.value === value)?.label ?? "";
  /** @param {readonly {value: string, label: string}[]} list @param {string[]} values */
  const labels = (list, values) => formatList(values.map((value) => label(list, value)).filter(Boolean));
  const access = Object.entries(activity.accessibility).filter(([, level]) => level !== "unknown");
  const energy = t(/** @type {any} */ (`activity.energy_${activity.energy}`));
  /** @type {[string, any][]} */
  const facts = [
    [t("activity.for_whom"), label(catalogue.audiences, activity.for)],
    [t("activity.shelter"), `${label(catalogue.settings, activity.setting)}. ${label(catalogue.shelters, activity.shelter)}`],
    [t("activity.season"), activity.seasons.length === 4 ? t("activity.season_all") : labels(catalogue.seasons, activity.seasons)],
    [t("activity.weather"), label(catalogue.weathers, activity.weather)],
    [t("activity.time_of_day"), activity.time_of_day.length === 4 ? t("activity.time_of_day_all") : labels(catalogue.times_of_day, activity.time_of_day)],
    [t("activity.light"), activity.light === "any" ? "" : label(catalogue.lights, activity.light)],
    [t("activity.lead_days"), activity.lead_days > 0 ? t("activity.lead_days_count", { count: activity.lead_days }) : ""],
    [t("activity.cost"), label(catalogue.cost_bands, activity.cost_band)],
    [t("activity.energy"), energy],
    [t("activity.children"), label(catalogue.with_children, activity.with_children)],
    [t("activity.fun_for"), labels(catalogue.child_ages, activity.fun_for)],
    [t("activity.pace"), activity.for === "one" ? "" : label(catalogue.paces, activity.pace)],
    [t("activity.tags"), labels([...catalogue.interests, ...catalogue.causes], activity.tags)],
    [t("activity.access"), access.length > 0 && html`<ul class="plain">${access.map(
      ([feature, level]) => html`<li key=${feature}>${label(catalogue.access_features, feature)}: ${label(catalogue.access_levels, level)}</li>`,
    )}</ul>`],
  ];
  return html`<${Section} title=${t("activity.facts")}>
    <dl class="know">${facts.filter(([, value]) => value).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
  <//>`;
}

/** Return an activity as plain text, to hand on. @param {Schemas["Activity"]} activity */
function textOf(activity) {
  const parts = [activity.title, activity.summary, stepsOf(activity).map((step, index) => `${index + 1}. ${step}`).join("\n"), activity.starter];
  return parts.filter(Boolean).join("\n\n");
}

/** Hand the idea on as text, by the share sheet of the device, the clipboard, or by hand. @param {{activity: Schemas["Activity"]}} props */
function Share({ activity }) {
  const [byHand, setByHand] = useState(false);
  const text = textOf(activity);
  const share = async () => {
    try {
      if (navigator.share) await navigator.share({ title: activity.title, text });
      else {
        await navigator.clipboard.writeText(text);
        say(t("activity.copied"));
      }
    } catch (error) {
      // Closing the share sheet is no fault. Pages on plain http have neither sheet nor clipboard.
      if (!(error instanceof DOMException && error.name === "AbortError")) setByHand(true);
    }
  };
  return html`<${Button} icon="share-2" onClick=${share}>${t("activity.share")}<//>
    ${byHand && html`<${Dialog} title=${t("activity.share")} onClose=${() => setByHand(false)}>
      <p>${t("activity.copy_by_hand")}</p><textarea rows="10" readonly aria-label=${t("activity.share")} value=${text}></textarea>
      <p class="hint">${t("activity.share_hint")}</p>
    <//>`}`;
}

/** Edit or retire an own idea. @param {{activity: Schemas["Activity"], partner: string}} props */
function OwnActions({ activity, partner }) {
  const [asks, setAsks] = useState(false);
  const retiring = useAction(async () => {
    await request("DELETE", `/activities/${activity.id}`);
    say(t("activity.retired", { title: activity.title }));
    navigate("/ideas/own", { replace: true });
  });
  return html`<div class="buttons">
      <${Link} to="/activities/${activity.id}/edit" class="button"><${Icon} name="pencil" />${t("activity.edit")}<//>
      <${Button} icon="trash-2" onClick=${() => setAsks(true)}>${t("activity.retire")}<//>
    </div>
    ${asks && html`<${Confirm} title=${t("activity.retire_title", { title: activity.title })} danger
      text=${partner ? t("activity.retire_text", { name: partner }) : t("activity.retire_text_alone")}
      yes=${t("activity.retire_yes")} busy=${retiring.busy} onYes=${retiring.run} onClose=${() => setAsks(false)}>
      <${ActionError} error=${retiring.error} /><//>`}`;
}
