// Questions for two: those that wait for answers, one more on demand, and those with open answers.
import { newId, request } from "../api.js";
import { formatInstant, t } from "../i18n.js";
import { ActionError, Button, useAction } from "../parts/controls.js";
import { ForTwo } from "../parts/couple.js";
import { CoupleQuestionCard } from "../parts/couple_question.js";
import { useSeen } from "../parts/inbox_item.js";
import { Empty, Loaded, Page, Section } from "../parts/page.js";
import { Pages } from "../parts/pages.js";
import { refresh, refreshShown, useResource } from "../resources.js";
import { navigate } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

const CURRENT = "/questions/current";

export default function CoupleQuestions() {
  useSeen("question");
  return html`<${Page} title=${t("for_two.title")} lead=${t("for_two.lead")} back="/notes" class="notes-page">
    <${ForTwo}>${() => html`<${Current} />`}<//>
    <${Section} title=${t("for_two.opened")}>
      <${Pages} path="/questions" empty=${html`<p class="hint">${t("for_two.none_opened")}</p>`}>
        ${(/** @type {Schemas["CoupleQuestion"][]} */ questions) => html`<${Cards} questions=${questions} />`}
      <//>
    <//>
  <//>`;
}

/** @param {{questions: Schemas["CoupleQuestion"][]}} props */
function Cards({ questions }) {
  return html`<ul class="question-list">
    ${questions.map((question) => html`<${CoupleQuestionCard} key=${question.id} question=${question} />`)}
  </ul>`;
}

function Current() {
  const current = useResource(CURRENT);
  return html`<${Loaded} resource=${current} retry=${() => refresh(CURRENT)}>
    ${(/** @type {Schemas["CurrentQuestions"]} */ { items, next_draw_at }) => html`
      ${items.length > 0 ? html`<${Cards} questions=${items} />`
        : html`<${Empty} art="notes" title=${t("for_two.none")}><p>${t("for_two.none_text")}</p><//>`}
      <${Draw} nextAt=${next_draw_at} />`}
  <//>`;
}

/** @param {{nextAt: string | null}} props */
function Draw({ nextAt }) {
  const draw = useAction(async () => {
    const { data } = await request("POST", "/questions", { body: { id: newId() } });
    await refreshShown();
    navigate(`/notes/for-two/${data.id}`);
  });
  return html`<div class="draw">
    <${Button} icon="dices" busy=${draw.busy} disabled=${Boolean(nextAt)} onClick=${() => draw.run()}>${t("for_two.draw")}<//>
    <p class="hint">${nextAt ? t("for_two.draw_at", { when: formatInstant(nextAt) }) : t("for_two.draw_text")}</p>
    <${ActionError} error=${draw.error} />
  </div>`;
}
