// How a date was, asked one thing at a time. Only the person who answers ever sees it, and each question can be skipped.
import { t } from "../i18n.js";
import { outbox, send } from "../outbox.js";
import { change, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html, useEffect, useRef, useState } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Button, Icon, useAction } from "./controls.js";
import { AddPhotoOfDate, useMayAddPhoto } from "./date_photos.js";
import { Notice, Section } from "./page.js";

/** @typedef {Schemas["DateFeedback"]} Feedback */
/** @typedef {"feeling" | "again" | "note" | "photo" | "done"} Step */

/** @type {Step[]} */
const STEPS = ["feeling", "again", "note", "photo"];
/** @type {Record<string, string>} */
const ICONS = { lighter: "smile", same: "meh", heavier: "frown", yes: "repeat", maybe: "circle-help", no: "x" };
/** @type {Feedback} */
const NOTHING = { feeling: null, rating: null, again: null };

/** @param {{date: Schemas["PlannedDate"]}} props */
export function FeedbackForm({ date }) {
  const path = `/dates/${date.id}/feedback`;
  const waiting = outbox.value.find((each) => each.path === path && each.state === "waiting")?.body;
  /** @type {Feedback} */
  const noted = waiting ?? date.feedback ?? NOTHING;
  const [step, setStep] = useState(/** @type {Step} */ (waiting || date.feedback ? "done" : "feeling"));
  const question = useRef(/** @type {HTMLElement | null} */ (null));
  const shown = useRef(step);
  useEffect(() => {
    // The button that was pressed is gone: a keyboard and a screen reader go on at the next question.
    if (shown.current !== step) question.current?.focus();
    shown.current = step;
  }, [step]);
  const { mayAdd } = useMayAddPhoto(date);
  const steps = mayAdd ? STEPS : STEPS.slice(0, -1);
  const next = () => setStep(steps[steps.indexOf(step) + 1] ?? "done");
  const save = useAction(async (/** @type {Partial<Feedback>} */ answer) => {
    const saved = await send("feedback", "PUT", path, { ...noted, ...answer });
    if (saved) change(`/dates/${date.id}`, (shown) => ({ ...shown, feedback: saved }));
    next();
  });
  return html`<${Section} title=${t("dates.feedback")} class="feedback">
    ${waiting && html`<${Notice} icon="clock">${t("dates.waits")}<//>`}
    <div class="question-step" tabindex="-1" ref=${question}>
      ${step !== "done" && html`<p class="eyebrow">${t("dates.question_of", { number: steps.indexOf(step) + 1, count: steps.length })}</p>`}
      ${(step === "feeling" || step === "again") && html`<${Question} key=${step} step=${step} noted=${noted} save=${save} onSkip=${next} />`}
      ${step === "note" && html`<${Appreciated} date=${date} onSkip=${next} />`}
      ${step === "photo" && html`<${PhotoStep} date=${date} onSkip=${next} />`}
      ${step === "done" && html`<${Answers} noted=${noted} date=${date} onChange=${() => setStep("feeling")} />`}
    </div>
    <p class="seen"><${Icon} name="lock" />${t("dates.only_you")}</p>
  <//>`;
}

/** Return the answers to choose from. @param {"feeling" | "again"} step @returns {{value: string, label: string}[]} */
function useAnswers(step) {
  const catalogue = useResource("/catalogue").data;
  return (step === "feeling" ? catalogue?.feelings : catalogue?.again) ?? [];
}

/** @param {{step: "feeling" | "again", noted: Feedback, save: any, onSkip: () => void}} props */
function Question({ step, noted, save, onSkip }) {
  const answers = useAnswers(step);
  return html`<h3>${t(`dates.ask_${step}`)}</h3>
    <div class="answers">${answers.map(
      ({ value, label }) => html`<${Button} key=${value} icon=${ICONS[value]} disabled=${save.busy} aria-pressed=${noted[step] === value}
        onClick=${() => save.run({ [step]: value })}>${label}<//>`,
    )}</div>
    <${ActionError} error=${save.error} />
    <${Button} kind="quiet" onClick=${onSkip}>${t("dates.skip")}<//>`;
}

/** One thing that was good: a note, which is private until it is shared. @param {{date: Schemas["PlannedDate"], onSkip: () => void}} props */
function Appreciated({ date, onSkip }) {
  return html`<h3>${t("dates.ask_note")}</h3>
    <p class="hint">${t("dates.ask_note_hint")}</p>
    <div class="answers"><${Link} class="button primary" to="/notes/new?date=${date.id}"><${Icon} name="feather" />${t("dates.write_it")}<//></div>
    <${Button} kind="quiet" onClick=${onSkip}>${t("dates.skip")}<//>`;
}

/** A photo of it, which the partner sees at once. @param {{date: Schemas["PlannedDate"], onSkip: () => void}} props */
function PhotoStep({ date, onSkip }) {
  return html`<h3>${t("dates.ask_photo")}</h3>
    <${AddPhotoOfDate} date=${date} />
    <${Button} kind="quiet" onClick=${onSkip}>${t("dates.go_on")}<//>`;
}

/** What was answered. @param {{noted: Feedback, date: Schemas["PlannedDate"], onChange: () => void}} props */
function Answers({ noted, date, onChange }) {
  const feeling = useAnswers("feeling").find(({ value }) => value === noted.feeling);
  const again = useAnswers("again").find(({ value }) => value === noted.again);
  return html`<dl class="answered">
      ${feeling && html`<div><dt>${t("dates.ask_feeling")}</dt><dd class="with-icon"><${Icon} name=${ICONS[feeling.value]} />${feeling.label}</dd></div>`}
      ${again && html`<div><dt>${t("dates.ask_again")}</dt><dd class="with-icon"><${Icon} name=${ICONS[again.value]} />${again.label}</dd></div>`}
    </dl>
    ${!feeling && !again && html`<p>${t("dates.nothing_answered")}</p>`}
    <div class="answers">
      <${Link} class="button" to="/notes/new?date=${date.id}"><${Icon} name="feather" />${t("dates.note")}<//>
      <${Button} icon="pencil" onClick=${onChange}>${t(feeling || again ? "common.change" : "dates.answer_now")}<//>
    </div>`;
}
