// What is held: by a space, or by a quiet pace or rhythm. One thing can be answered without ending the space.
import { request } from "../api.js";
import { formatInstant, formatInstantDay, t } from "../i18n.js";
import { CategoryPicture } from "../parts/activity.js";
import { ActionError, Button, Icon, useAction } from "../parts/controls.js";
import { ForTwo } from "../parts/couple.js";
import { DateRow } from "../parts/date.js";
import { Confirm, say } from "../parts/dialog.js";
import { ImportantDayRow } from "../parts/important_day.js";
import { Empty, Loaded, Notice, Page } from "../parts/page.js";
import { refresh, refreshShown, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

const FIRST = "/me/held?limit=50";

export default function Held() {
  return html`<${Page} title=${t("us.held")} lead=${t("us.held_lead")} back="/us">
    <${ForTwo}>${(/** @type {Schemas["Couple"]} */ couple) => html`<${Content} name=${couple.partner} />`}<//>
  <//>`;
}

/** @param {{name: string}} props */
function Content({ name }) {
  const held = useResource(FIRST);
  const space = useResource("/me/space").data;
  return html`<${Loaded} resource=${held} retry=${() => refresh(FIRST)}>
    ${(/** @type {Schemas["HeldItemPage"]} */ page) =>
      page.items.length === 0
        ? html`<${Empty} art="held" title=${t("us.held_none")}><p>${t("us.held_none_text")}</p><//>`
        : html`<${Things} path=${FIRST} name=${name} />
          ${space?.held_until && html`<${Decide} until=${space.held_until} />`}
          ${space?.kind && html`<${Notice} icon="leaf">${t("us.held_in_space", { name })}<//>`}`}
  <//>`;
}

/** One page of things, and on demand the next. @param {{path: `/me/held?${string}`, name: string}} props */
function Things({ path, name }) {
  const page = useResource(path).data;
  const [isMore, setMore] = useState(false);
  if (!page) return null;
  const more = `${FIRST}&after=${encodeURIComponent(page.next ?? "")}`;
  return html`<ul class="rows">${page.items.map((thing) => html`<${Thing} key=${thing.id} thing=${thing} name=${name} />`)}</ul>
    ${page.next && !isMore && html`<${Button} onClick=${() => setMore(true)}>${t("common.more")}<//>`}
    ${page.next && isMore && html`<${Things} path=${more} name=${name} />`}`;
}

/** @param {{thing: Schemas["HeldItem"], name: string}} props */
function Thing({ thing, name }) {
  const why = t(`us.held_by_${thing.held_by}`, { when: formatInstant(thing.arrived_at) });
  if (thing.date) return html`<${DateRow} date=${thing.date} partner=${name} note=${why} />`;
  if (thing.day) return html`<${ImportantDayRow} day=${thing.day} partner=${name} note=${why} />`;
  const { to, text } = linkOf(thing);
  return html`<li><${Link} class="row" to=${to}>
    ${thing.idea ? html`<${CategoryPicture} category=${thing.idea.category} />` : html`<span class="round"><${Icon} name="mail" /></span>`}
    <span><b>${text}</b><small>${why}</small></span>
    <${Icon} name="chevron-right" class="ahead" />
  <//></li>`;
}

/** What arrived during a past space: take it in, or let it go. @param {{until: string}} props */
function Decide({ until }) {
  const [isAsked, setAsked] = useState(false);
  const decide = useAction(async (/** @type {"release" | "dismiss"} */ what) => {
    await request("POST", `/me/held/${what}`);
    setAsked(false);
    say(t(what === "release" ? "us.released" : "us.dismissed"));
    await refreshShown();
  });
  return html`<div class="card pine">
    <p>${t("us.held_until", { day: formatInstantDay(until) })}</p>
    <div class="buttons even">
      <${Button} icon="inbox" busy=${decide.busy} onClick=${() => decide.run("release")}>${t("us.release")}<//>
      <${Button} icon="x" busy=${decide.busy} onClick=${() => setAsked(true)}>${t("us.dismiss")}<//>
    </div>
    <p class="hint">${t("us.release_private")}</p>
    <${ActionError} error=${decide.error} />
    ${isAsked && html`<${Confirm} danger title=${t("us.dismiss_title")} text=${t("us.dismiss_text")} yes=${t("us.dismiss")} busy=${decide.busy}
      onYes=${() => decide.run("dismiss")} onClose=${() => setAsked(false)} />`}
  </div>`;
}

/** Return the screen of a held thing, and what it is called. @param {Schemas["HeldItem"]} thing */
function linkOf({ id, idea, note, request, question }) {
  if (idea) return { to: `/activities/${id}`, text: idea.title };
  if (question) return { to: `/notes/for-two/${id}`, text: question.prompt.text };
  if (request) return { to: `/notes/requests/${id}`, text: t("us.held_request") };
  return { to: note ? `/notes/${id}` : "/us/held", text: t("us.held_note") };
}
