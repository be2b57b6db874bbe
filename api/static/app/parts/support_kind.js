// A kind of outside help, as a row that opens.
import { t } from "../i18n.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Fold } from "./fold.js";
import { SupportContact } from "./support_contact.js";

/** A kind of outside help, and how to choose it. @param {{kind: Schemas["SupportKind"]}} props */
export function SupportKind({ kind }) {
  return html`<${Fold} title=${kind.role} summary=${kind.summary}>
    <div class="kind">
      <h3>${t("me.kind_when")}</h3><p>${kind.when}</p>
      <h3>${t("me.kind_when_not")}</h3><p>${kind.when_not}</p>
      <h3>${t("me.kind_criteria")}</h3>
      <ul class="criteria">${kind.criteria.map((each) => html`<li key=${each.key}><span>${each.text}</span><small>${each.level}</small></li>`)}</ul>
      <h3>${t("me.kind_questions")}</h3>
      <ul class="plain-list">${kind.questions.map((question) => html`<li key=${question}>${question}</li>`)}</ul>
      ${kind.contacts.length > 0 && html`<ul class="contacts">
        ${kind.contacts.map((contact) => html`<${SupportContact} key=${contact.name} contact=${contact} />`)}</ul>`}
    </div>
  <//>`;
}
