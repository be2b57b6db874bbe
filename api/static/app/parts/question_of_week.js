// The question for two on Today: the one that waits for the viewer's answer, or the one that the viewer has answered.
import { t } from "../i18n.js";
import { useResource } from "../resources.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Icon } from "./controls.js";
import { Section } from "./page.js";

export default function QuestionOfWeek() {
  const questions = useResource("/questions/current").data?.items ?? [];
  const question = questions.find((each) => each.state === "unanswered") ?? questions[0];
  if (!question) return null;
  const to = `/notes/for-two/${question.id}`;
  return html`<${Section} title=${t("for_two.one")}
      action=${html`<${Link} to="/notes/for-two" class="text-link">${t("for_two.see_all")}<//>`}>
    <article class="card pine">
      <p class="eyebrow">${t(question.drawn ? "for_two.drawn" : "for_two.of_week")}</p>
      <p class="question">${question.prompt.text}</p>
      ${question.state === "unanswered" ? html`<p class="hint">${t("for_two.lead")}</p>
          <${Link} to=${to} class="button"><${Icon} name="feather" />${t("for_two.answer")}<//>`
        : html`<p class="with-icon"><${Icon} name="lock" />${t("for_two.sealed_now")}</p>
          <${Link} to=${to} class="text-link">${t("for_two.see_own")}<//>`}
    </article>
  <//>`;
}
