// A question for two: its card in a list, and the answers that opened.
import { formatDay, formatInstantDay, t } from "../i18n.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Icon } from "./controls.js";

/** Return whose turn it is, as far as the viewer may know. @param {Schemas["CoupleQuestion"]} question */
function stateText(question) {
  if (question.state === "open") return formatInstantDay(question.opened_at ?? "");
  return question.state === "answered" ? t("for_two.sealed") : t("for_two.until", { day: formatDay(question.until) });
}

const ICONS = { unanswered: "feather", answered: "lock", open: "book-open" };

/** The card of a question, which leads to it. @param {{question: Schemas["CoupleQuestion"]}} props */
export function CoupleQuestionCard({ question }) {
  return html`<li class="card question-card">
    <p class="eyebrow">${question.drawn ? t("for_two.drawn") : t("for_two.of_week")}</p>
    <h3 class="question"><${Link} to="/notes/for-two/${question.id}">${question.prompt.text}<//></h3>
    <p class="note-foot"><span class="with-icon"><${Icon} name=${ICONS[question.state]} />${stateText(question)}</span></p>
  </li>`;
}

/** Both answers. @param {{question: Schemas["CoupleQuestion"], partner: string}} props */
export function Answers({ question, partner }) {
  return html`<div class="papers">
    <${Answer} by=${t("for_two.yours")} body=${question.own_answer} />
    <${Answer} by=${t("notes.from", { name: partner })} body=${question.partner_answer} />
  </div>`;
}

/** @param {{by: string, body: string | null}} props */
function Answer({ by, body }) {
  return html`<article class="paper">
    <h2 class="eyebrow">${by}</h2>
    ${body === null ? html`<p class="hint">${t("for_two.taken_back")}</p>` : html`<p class="handwriting">${body}</p>`}
  </article>`;
}
