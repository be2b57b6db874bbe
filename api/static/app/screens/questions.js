// All questions that suit the person, by kind. A note can begin with one.
import { t } from "../i18n.js";
import { Choice, Icon } from "../parts/controls.js";
import { labelOf } from "../parts/note.js";
import { Empty, Notice, Page } from "../parts/page.js";
import { Pages } from "../parts/pages.js";
import { RowLink } from "../parts/rows.js";
import { useResource } from "../resources.js";
import { Link, navigate, query } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

export default function Questions() {
  const kinds = useResource("/catalogue").data?.prompt_kinds ?? [];
  const hasPartner = Boolean(useResource("/today").data?.couple);
  const cue = useResource("/me/preferences").data?.cue;
  const kind = query.value.get("kind") ?? "";
  const path = `/prompts?limit=20${kind && `&kind=${kind}`}`;
  const show = (/** @type {string} */ value) => navigate(value ? `/notes/questions?kind=${value}` : "/notes/questions", { replace: true });
  return html`<${Page} title=${t("questions.title")} lead=${t("questions.lead")} back="/notes" class="notes-page">
    ${cue && html`<${Notice} icon="feather">${t("push.cue_is", { cue })}<//>`}
    ${hasPartner && html`<ul class="rows">
      <${RowLink} to="/notes/cards" icon="users" label=${t("questions.cards")} text=${t("questions.cards_row")} />
    </ul>`}
    <div class="kinds">
      <${Choice} label=${t("questions.kind")} hideLabel=${true} options=${[{ value: "", label: t("notes.all_kinds") }, ...kinds]}
        value=${kind} onChange=${show} />
    </div>
    <section>
      <h2 class="hidden">${labelOf(kind, kinds) || t("notes.all_kinds")}</h2>
      <${Pages} key=${path} path=${path} empty=${html`<${Empty} art="notes" title=${t("questions.none")}><p>${t("questions.none_text")}</p><//>`}>
        ${(/** @type {Schemas["Prompt"][]} */ prompts) => html`<ul class="question-list">
          ${prompts.map((prompt) => html`<${Question} key=${prompt.id} prompt=${prompt} label=${labelOf(prompt.kind, kinds)} />`)}
        </ul>`}
      <//>
    </section>
  <//>`;
}

/** @param {{prompt: Schemas["Prompt"], label: string}} props */
function Question({ prompt, label }) {
  const isReflection = prompt.kind === "reflection";
  const to = isReflection ? `/notes/reflections/new?prompt=${prompt.id}` : prompt.note_kind && `/notes/new?prompt=${prompt.id}`;
  return html`<li class="card question-card">
    <p class="eyebrow">${label}</p>
    <h3 class="question">${
      to ? html`<${Link} to=${to}>${prompt.text}<//>` : prompt.text
    }</h3>
    ${prompt.follow_up && html`<p class="hint">${prompt.follow_up}</p>`}
    ${to && html`<p class="note-foot"><span class="with-icon"><${Icon} name=${isReflection ? "lock" : "feather"} />${t(isReflection ? "today.reflect" : "today.write")}</span></p>`}
  </li>`;
}
