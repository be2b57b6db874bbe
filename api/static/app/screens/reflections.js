// Reflections: writing for oneself alone. A question on some days, a neutral task on every day, and what was written.
import { request } from "../api.js";
import { formatDay, formatInstantDay, t } from "../i18n.js";
import { ActionError, Button, Icon, useAction } from "../parts/controls.js";
import { Empty, Loaded, Page, Section } from "../parts/page.js";
import { Pages } from "../parts/pages.js";
import { draft } from "../parts/reflection_draft.js";
import { LOCK, Protection, showLock, Unlock } from "../parts/reflection_lock.js";
import { refresh, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

export default function Reflections() {
  const lock = useResource(LOCK);
  return html`<${Page} title=${t("reflections.title")} lead=${t("reflections.lead")} back="/notes" class="notes-page">
    <${Loaded} resource=${lock} retry=${() => refresh(LOCK)}>
      ${(/** @type {Schemas["ReflectionLock"]} */ data) => (data.state === "open" ? html`<${Open} />` : html`<${Unlock} lock=${data} />`)}
    <//>
  <//>`;
}

function Open() {
  return html`
    ${draft.value ? html`<${Unfinished} />` : html`<${Suggestion} />`}
    <${Section} title=${t("reflections.yours")}>
      <${Pages} path="/reflections?limit=20" empty=${html`<${Empty} art="notes" title=${t("reflections.none")}><p>${t("reflections.none_text")}</p><//>`}>
        ${(/** @type {Schemas["Reflection"][]} */ items) => html`<ul class="papers">
          ${items.map((item) => html`<${ReflectionCard} key=${item.id} reflection=${item} />`)}
        </ul>`}
      <//>
    <//>
    <${LockAgain} />
    <${Protection} />`;
}

/** What was begun and neither kept nor discarded. It is in the memory of this page only. */
function Unfinished() {
  return html`<div class="card pine">
    <p class="with-icon"><${Icon} name="pencil" /><span>${t("reflections.unfinished")}</span></p>
    <${Link} to="/notes/reflections/new" class="button primary">${t("reflections.go_on")}<//>
  </div>`;
}

function Suggestion() {
  const suggestion = useResource("/reflections/suggestion").data;
  if (!suggestion) return null;
  const { prompt, task, task_text } = suggestion;
  return html`
    <div class="columns">
      ${prompt && html`<article class="card pine prompt">
        <p class="eyebrow">${t("reflections.question")}</p>
        <p class="question">${prompt.text}</p>
        ${prompt.follow_up && html`<p>${prompt.follow_up}</p>`}
        <${Link} to="/notes/reflections/new?prompt=${prompt.id}" class="button"><${Icon} name="feather" />${t("reflections.write_question")}<//>
      </article>`}
      <article class="card prompt">
        <p class="eyebrow">${prompt ? t("reflections.task_instead") : t("reflections.task")}</p>
        <p class="question">${task_text}</p>
        <${Link} to="/notes/reflections/new?task=${task}" class="button"><${Icon} name="feather" />${t("reflections.write_task")}<//>
      </article>
    </div>
    ${!prompt && html`<p class="hint">${t("reflections.next_question", { day: formatDay(suggestion.next_day) })}</p>`}
    <p class="buttons">
      <${Link} to="/notes/reflections/new" class="button quiet">${t("reflections.write_freely")}<//>
      <${Link} to="/me/guides" class="button quiet">${t("reflections.guides")}<//>
    </p>`;
}

/** @param {{reflection: Schemas["Reflection"]}} props */
function ReflectionCard({ reflection }) {
  const day = formatInstantDay(reflection.created_at);
  return html`<li class="paper note-card">
    <h3 class="eyebrow"><${Link} to="/notes/reflections/${reflection.id}">${reflection.question ?? t("reflections.free")}<span class="hidden">, ${day}</span><//></h3>
    <p class="handwriting">${reflection.body}</p>
    <p class="note-foot"><time datetime=${reflection.created_at}>${day}</time>
      <span class="with-icon"><${Icon} name="lock" />${t("reflections.only_you")}</span></p>
  </li>`;
}

/** Lock this sign-in again, for example before the phone is lent. */
function LockAgain() {
  const { run, busy, error } = useAction(async () => {
    const { data } = await request("POST", `${LOCK}/lock`, { body: {} });
    draft.value = null;
    showLock(data);
  });
  return html`<${ActionError} error=${error} />
    <div class="buttons"><${Button} icon="lock" busy=${busy} onClick=${run}>${t("reflections.lock_again")}<//></div>`;
}
