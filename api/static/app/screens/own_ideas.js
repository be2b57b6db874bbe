// The viewer's own ideas, those that still wait to be sent, and the copies that the partner has proposed.
import { t } from "../i18n.js";
import { ActivityRow, CategoryPicture } from "../parts/activity.js";
import { Icon } from "../parts/controls.js";
import { listIdeas, waitingIdeas } from "../parts/own_idea.js";
import { Empty, Fault, Page, Section, Skeleton } from "../parts/page.js";
import { useResource } from "../resources.js";
import { Link } from "../router.js";
import { html, useEffect, useState } from "../vendor/preact/preact-11.2.0.js";

export default function OwnIdeas() {
  const partner = useResource("/today").data?.couple?.partner ?? "";
  const [ideas, setIdeas] = useState(/** @type {Schemas["Activity"][] | null} */ (null));
  const [error, setError] = useState(/** @type {Error | null} */ (null));
  const [tries, setTries] = useState(0);
  const waiting = waitingIdeas();
  // Read again when an idea that waited has been sent. An earlier list may arrive after that: it is too old.
  useEffect(() => {
    let isCurrent = true;
    setError(null);
    listIdeas()
      .then((list) => isCurrent && setIdeas(list))
      .catch((failure) => isCurrent && setError(failure));
    return () => {
      isCurrent = false;
    };
  }, [waiting.length, tries]);
  const lead = partner ? t("ideas.own_lead", { name: partner }) : t("ideas.own_lead_alone");
  return html`<${Page} title=${t("ideas.own")} back="/ideas" lead=${lead}>
    <p><${Link} to="/ideas/new" class="button primary"><${Icon} name="plus" />${t("ideas.new_short")}<//></p>
    ${waiting.length > 0 && html`<ul class="rows">${waiting.map((each) => html`<${WaitingRow} key=${each.id} waiting=${each} />`)}</ul>`}
    ${ideas ? html`<${Lists} ideas=${ideas} partner=${partner} isEmpty=${waiting.length === 0} />`
      : error ? html`<${Fault} error=${error} retry=${() => setTries(tries + 1)} />` : html`<${Skeleton} />`}
  <//>`;
}

/** @param {{ideas: Schemas["Activity"][], partner: string, isEmpty: boolean}} props */
function Lists({ ideas, partner, isEmpty }) {
  const mine = ideas.filter((each) => each.source === "me");
  const copies = ideas.filter((each) => each.source === "partner");
  /** @param {Schemas["Activity"][]} list */
  const rows = (list) => html`<ul class="rows">${list.map((each) => html`<${ActivityRow} key=${each.id} activity=${each} />`)}</ul>`;
  return html`
    ${mine.length > 0 && rows(mine)}
    ${mine.length === 0 && isEmpty && html`<${Empty} art="own-ideas" title=${t("ideas.own_empty")}><p>${t("ideas.own_empty_text")}</p><//>`}
    ${copies.length > 0 && html`<${Section} title=${t("ideas.own_from", { name: partner })}>${rows(copies)}<//>`}`;
}

/** An idea that is not on the server yet. @param {{waiting: import("../outbox.js").Waiting}} props */
function WaitingRow({ waiting }) {
  return html`<li><${Link} class="row" to="/outbox">
    <${CategoryPicture} category=${waiting.body.category} />
    <span><b>${waiting.body.title}</b><small>${waiting.why || t("ideas.waits")}</small></span>
    <${Icon} name="chevron-right" class="ahead" />
  <//></li>`;
}
