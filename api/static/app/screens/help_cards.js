// Help from outside: cards that fit, made from a person's own data, and whether they feel stuck. Only they see it.
import { request } from "../api.js";
import { t } from "../i18n.js";
import { ActionError, Button, Icon, Switch, useAction } from "../parts/controls.js";
import { say } from "../parts/dialog.js";
import { Empty, focusHeading, Loaded, Page, Section } from "../parts/page.js";
import { SupportKind } from "../parts/support_kind.js";
import { change, refresh, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {Schemas["HelpLink"]} HelpLink */

const PATH = "/me/help";
/** @type {Record<Schemas["HelpLinkName"], string>} */
const SCREENS = {
  safety: "/safety",
  check: "/me/safety-check",
  space: "/us/space",
  pace: "/us/pace",
  leaving: "/us/leaving",
};

export default function HelpCards() {
  const help = useResource(PATH);
  return html`<${Page} title=${t("me.help")} tab="Rekindle" lead=${t("me.help_lead")} back="/us">
    <${Loaded} resource=${help} retry=${() => refresh(PATH)}>
      ${(/** @type {Schemas["Help"]} */ data) => html`<${Content} help=${data} />`}
    <//>
  <//>`;
}

/** @param {{help: Schemas["Help"]}} props */
function Content({ help }) {
  const { run, error } = useAction(async (/** @type {boolean} */ stuck) => {
    change(PATH, (data) => ({ ...data, stuck }));
    try {
      const { data } = await request("PUT", PATH, { body: { stuck } });
      change(PATH, () => data);
    } catch (refused) {
      change(PATH, (data) => ({ ...data, stuck: !stuck }));
      throw refused;
    }
  });
  return html`
    <div class="card"><${Switch} label=${t("me.stuck")} hint=${t("me.stuck_hint")} checked=${help.stuck} onChange=${run} />
      <${ActionError} error=${error} /></div>
    ${help.cards.length === 0 && html`<${Empty} art="quiet" title=${t("me.help_empty")}><p>${t("me.help_empty_text")}</p><//>`}
    ${help.cards.map((card) => html`<${Card} key=${card.card} card=${card} />`)}
    <${Section} title=${t("me.help_more")}><${Links} links=${help.links} /><//>`;
}

/** @param {{card: Schemas["HelpCard"]}} props */
function Card({ card }) {
  const { run, busy, error } = useAction(async () => {
    const { data } = await request("POST", "/me/help/dismiss", { body: { card: card.card } });
    change(PATH, () => data);
    focusHeading();
    say(t("me.put_away_done"));
  });
  return html`<${Section} title=${card.title}>
    <div class="card pine help-card">
      <ul class="plain-list">${card.reasons.map(({ key, text }) => html`<li key=${key}>${text}</li>`)}</ul>
      ${card.lines.map(({ key, text }) => html`<p key=${key}>${text}</p>`)}
      ${card.questions.length > 0 && html`<ol class="questions">${card.questions.map(({ key, text }) => html`<li key=${key}>${text}</li>`)}</ol>`}
    </div>
    ${card.kinds.length > 0 && html`<div class="folds">${card.kinds.map((kind) => html`<${SupportKind} key=${kind.kind} kind=${kind} />`)}</div>`}
    <${Links} links=${card.links} />
    <${ActionError} error=${error} />
    <p><${Button} icon="x" busy=${busy} onClick=${run}>${t("me.put_away")}<//></p>
  <//>`;
}

/** @param {{links: HelpLink[]}} props */
function Links({ links }) {
  return html`<ul class="rows">
    ${links.map(
      (link) => html`<li key=${link.name}>
        <${Link} class="row" to=${SCREENS[link.name]}><span>${link.text}</span><${Icon} name="chevron-right" class="ahead" /><//>
      </li>`,
    )}
  </ul>`;
}
