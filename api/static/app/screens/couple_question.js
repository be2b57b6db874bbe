// One question for two: write an answer, seal it, take it back, and read both once both have answered.
import { request } from "../api.js";
import { formatDay, formatInstantDay, t } from "../i18n.js";
import { ActionError, Button, Field, fieldError, Icon, useAction } from "../parts/controls.js";
import { Answers } from "../parts/couple_question.js";
import { Confirm, say } from "../parts/dialog.js";
import { useSeen } from "../parts/inbox_item.js";
import { lettersLeft, useMostLetters, usePartner } from "../parts/note.js";
import { Loaded, Page } from "../parts/page.js";
import { refresh, refreshShown, useResource } from "../resources.js";
import { Link, navigate } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

const LIST = "/notes/for-two";
/** The most letters of an answer. */
const MOST = 2000;

/** @param {{id: string}} props */
export default function CoupleQuestion({ id }) {
  const path = /** @type {const} */ (`/questions/${id}`);
  const question = useResource(path);
  const partner = usePartner() ?? t("notes.your_partner");
  useSeen("question", id);
  return html`<${Page} title=${t("for_two.one")} back=${LIST}>
    <${Loaded} resource=${question} retry=${() => refresh(path)}>
      ${(/** @type {Schemas["CoupleQuestion"]} */ data) => html`
        <div class="card pine"><p class="question">${data.prompt.text}</p>
          ${data.prompt.follow_up && html`<p>${data.prompt.follow_up}</p>`}</div>
        ${data.state === "open" ? html`<${Opened} question=${data} partner=${partner} />`
          : html`<${Sealed} key=${data.id} question=${data} partner=${partner} />`}`}
    <//>
  <//>`;
}

/** @typedef {{question: Schemas["CoupleQuestion"], partner: string}} Props */

/** Before both have answered. @param {Props} props */
function Sealed({ question, partner }) {
  const [isWriting, setWriting] = useState(question.state === "unanswered");
  const [body, setBody] = useState(question.own_answer ?? "");
  const { left, hint, fault } = lettersLeft(body, useMostLetters(MOST));
  const isReady = body.trim() !== "" && left >= 0;
  const path = `/questions/${question.id}/answer`;
  const save = useAction(async () => {
    const { data } = await request("PUT", path, { body: { body } });
    setWriting(false);
    await refreshShown();
    say(data.state === "open" ? t("for_two.opened_now") : t("for_two.sealed_now"));
  });
  const takeBack = useAction(async () => {
    await request("DELETE", path);
    setBody("");
    setWriting(true);
    await refreshShown();
    say(t("for_two.taken_back_now"));
  });
  const meaning = html`<ul class="meaning">
    <li><${Icon} name="lock" /><span>${t("for_two.meaning_sealed", { name: partner })}</span></li>
    <li><${Icon} name="book-open" /><span>${t("for_two.meaning_open")}</span></li>
    <li><${Icon} name="leaf" /><span>${t("for_two.meaning_leaves", { day: formatDay(question.until), name: partner })}</span></li>
  </ul>`;
  if (!isWriting) {
    return html`<article class="paper"><h2 class="eyebrow with-icon"><${Icon} name="lock" />${t("for_two.yours")}</h2>
        <p class="handwriting">${question.own_answer}</p></article>
      ${meaning}
      <div class="buttons">
        <${Button} icon="pencil" onClick=${() => setWriting(true)}>${t("common.edit")}<//>
        <${Button} icon="undo-2" busy=${takeBack.busy} onClick=${() => takeBack.run()}>${t("for_two.take_back")}<//>
      </div>
      <${ActionError} error=${takeBack.error} />`;
  }
  return html`<form onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    if (isReady) save.run();
  }}>
    <${Field} label=${t("for_two.yours")} lines=${5} value=${body} onInput=${setBody} hint=${hint} error=${fault ?? fieldError(save.error, "body")} />
    <div class="buttons"><${Button} kind="primary" type="submit" icon="lock" busy=${save.busy} disabled=${!isReady}>${t("for_two.seal")}<//></div>
    <${ActionError} error=${save.error} besides=${["body"]} />
    ${meaning}
  </form>`;
}

/** Once both have answered. @param {Props} props */
function Opened({ question, partner }) {
  const [isAsked, setAsked] = useState(false);
  const takeBack = useAction(async () => {
    await request("DELETE", `/questions/${question.id}/answer`);
    setAsked(false);
    navigate(LIST, { replace: true });
    say(t("for_two.taken_back_now"));
  });
  return html`<${Answers} question=${question} partner=${partner} />
    <p class="note-foot">${t("for_two.opened_on", { day: formatInstantDay(question.opened_at ?? "") })}</p>
    <p class="hint">${t("for_two.open_hint", { name: partner })} <${Link} to="/notes/received">${t("notes.record_link")}<//></p>
    ${question.own_answer !== null && html`<${Button} icon="eye-off" onClick=${() => setAsked(true)}>${t("notes.recall")}<//>`}
    ${isAsked && html`<${Confirm} title=${t("for_two.recall_title")} text=${t("for_two.recall_text", { name: partner })} yes=${t("notes.recall")}
      busy=${takeBack.busy} onYes=${() => takeBack.run()} onClose=${() => setAsked(false)} />`}
    <${ActionError} error=${takeBack.error} />`;
}
