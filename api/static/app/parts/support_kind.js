// A kind of outside help, as a row that opens: its criteria and questions can be ticked off. Only the person sees the ticks.
import { request } from "../api.js";
import { t } from "../i18n.js";
import { change, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Icon, useAction } from "./controls.js";
import { Fold } from "./fold.js";
import { SupportContact } from "./support_contact.js";

const PATH = "/me/support-checklists";

/** A kind of outside help, and how to choose it. @param {{kind: Schemas["SupportKind"]}} props */
export function SupportKind({ kind }) {
  const lists = useResource(PATH).data?.items;
  const ticks = lists?.find((each) => each.kind === kind.kind) ?? { criteria: [], questions: [] };
  const { run, error } = useAction(async (/** @type {"criteria" | "questions"} */ list, /** @type {string} */ value) => {
    /** @type {string[]} */
    const before = ticks[list];
    const after = before.includes(value) ? before.filter((each) => each !== value) : [...before, value];
    const body = { kind: kind.kind, criteria: ticks.criteria, questions: ticks.questions, [list]: after };
    put(body); // a tick must not jump back while it waits
    try {
      put((await request("PUT", PATH, { body })).data);
    } catch (refused) {
      put({ ...body, [list]: before });
      throw refused;
    }
  });
  const tick = { ticks, isReady: Boolean(lists), run };
  return html`<${Fold} title=${kind.role} summary=${kind.summary}>
    <div class="kind">
      <h3>${t("me.kind_when")}</h3><p>${kind.when}</p>
      <h3>${t("me.kind_when_not")}</h3><p>${kind.when_not}</p>
      <h3>${t("me.kind_criteria")}</h3>
      <ul class="ticks">${kind.criteria.map((each) => html`<${Tick} key=${each.key} list="criteria" value=${each.key} ...${tick}>
        ${each.text} <small>${each.level}</small><//>`)}</ul>
      <h3>${t("me.kind_questions")}</h3>
      <ul class="ticks">${kind.questions.map((question) => html`<${Tick} key=${question} list="questions" value=${question} ...${tick}>${question}<//>`)}</ul>
      <${ActionError} error=${error} />
      <p class="seen"><${Icon} name="lock" />${t("care.ticks_private")}</p>
      <${Contacts} contacts=${kind.contacts} />
      <p><${Link} class="button" to="/me/appointment?for=${kind.for}"><${Icon} name="calendar-plus" />${t("care.appointment")}<//></p>
    </div>
  <//>`;
}

/** Show what is ticked at once. @param {{kind: string}} checklist */
function put(checklist) {
  change(PATH, ({ items }) => ({ items: [...items.filter((/** @type {{kind: string}} */ each) => each.kind !== checklist.kind), checklist] }));
}

/** @param {{list: "criteria" | "questions", value: string, ticks: Pick<Schemas["Checklist"], "criteria" | "questions">, isReady: boolean,
 *   run: (list: "criteria" | "questions", value: string) => void, children?: any}} props */
function Tick({ list, value, ticks, isReady, run, children }) {
  /** @type {string[]} */
  const ticked = ticks[list];
  return html`<li><label class="tick"><input type="checkbox" checked=${ticked.includes(value)} disabled=${!isReady} onChange=${() => run(list, value)} />
    <span>${children}</span></label></li>`;
}

/** The operator's contacts, by country if there are several. @param {{contacts: Schemas["SupportContact"][]}} props */
function Contacts({ contacts }) {
  const countries = [...new Set(contacts.map((each) => each.country))];
  return html`${countries.map((country) => html`<section key=${country}>
    ${countries.length > 1 && html`<h3>${country}</h3>`}
    <ul class="contacts">${contacts
      .filter((each) => each.country === country)
      .map((contact) => html`<${SupportContact} key=${contact.name} contact=${contact} />`)}</ul>
  </section>`)}`;
}
