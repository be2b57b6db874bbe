// A talk: both phones show the same step. Pause and stop are always in reach, and no one is told who pressed them.
import { Refusal, request, serverNow } from "../api.js";
import { formatInstant, formatMinutes, t } from "../i18n.js";
import { ActionError, Button, Choice, Icon, useAction } from "../parts/controls.js";
import { Confirm, Dialog } from "../parts/dialog.js";
import { useSeen } from "../parts/inbox_item.js";
import { Empty, Loaded, Notice, Page, Section } from "../parts/page.js";
import { StepCard, TurnTime, useAwakeScreen, useHasCome } from "../parts/talk.js";
import { change, refresh, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html, useEffect, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {Schemas["Talk"]} Talk */
/** @typedef {{run: (step: string, body?: unknown) => Promise<void>, busy: boolean, error: Error | null, clear: () => void}} Move */

const POLL = 2000; // milliseconds
const OPEN = ["preparing", "running", "paused"];
const MINUTE = 60_000;
/** How long a pause can be named for, in minutes. */
const PAUSES = [30, 60, 180, 24 * 60];

/** @param {{id: string}} props */
export default function TalkScreen({ id }) {
  const path = /** @type {const} */ (`/talks/${id}`);
  const talk = useResource(path);
  const isGone = talk.error instanceof Refusal && talk.error.status === 404;
  const isOpen = Boolean(talk.data && OPEN.includes(talk.data.state));
  useSeen("talk", id);
  useAwakeScreen(isOpen);
  useEffect(() => {
    if (!isOpen) return undefined;
    const timer = setInterval(() => document.visibilityState === "visible" && refresh(path), POLL);
    return () => clearInterval(timer);
  }, [isOpen, path]);
  const title = isGone ? t("talks.title") : (talk.data?.guide.title ?? t("talks.title"));
  return html`<${Page} title=${title} tab="Rekindle" back="/" class="talk-page">
    ${isGone ? html`<${Over} title=${t("talks.gone")} text=${t("talks.gone_text")} />` : html`
      <${Loaded} resource=${talk} retry=${() => refresh(path)} lines=${5}>
        ${(/** @type {Talk} */ data) => html`<${Content} talk=${data} path=${path} />`}
      <//>`}
  <//>`;
}

/** @param {{talk: Talk, path: `/talks/${string}`}} props */
function Content({ talk, path }) {
  const name = useResource("/today").data?.couple?.partner ?? t("dates.they");
  const [asked, setAsked] = useState("");
  const move = useAction(async (/** @type {string} */ step, /** @type {unknown} */ body = undefined) => {
    try {
      const { data } = await request("POST", `${path}/${step}`, { body, version: step === "next" ? talk.version : null });
      change(path, () => data);
      if (data.state !== talk.state) refresh("/today"); // it shows whether a talk is open
    } catch (error) {
      if (!(error instanceof Refusal && [404, 409, 412].includes(error.status))) throw error;
      // The partner was faster, or the talk is over: the next answer shows where it is.
      await refresh(path);
      if (error.problem.reason === "pause_not_over") throw error;
    }
    setAsked("");
  });
  const close = () => {
    setAsked("");
    move.clear();
  };
  const Shown = SHOWN[talk.state] ?? Ended;
  const isOpen = OPEN.includes(talk.state);
  const isBegun = talk.state !== "preparing";
  return html`
    <${Shown} talk=${talk} name=${name} move=${move} />
    ${!asked && html`<${ActionError} error=${move.error} />`}
    ${isOpen && html`<div class="talk-ways">
      ${talk.actions.includes("pause") && html`<${Button} icon="pause" onClick=${() => setAsked("pause")}>${t("talks.pause")}<//>`}
      <${Button} icon="x" onClick=${() => setAsked("stop")}>${t(isBegun ? "talks.stop" : "talks.not_now")}<//>
    </div>`}
    ${talk.state === "paused" && html`<${Section} title=${t("talks.where")}><${TalkStep} talk=${talk} name=${name} /><//>`}
    ${isOpen && asked === "pause" && html`<${PauseDialog} talk=${talk} name=${name} move=${move} onClose=${close} />`}
    ${isOpen && asked === "stop" && html`<${Confirm} title=${t(isBegun ? "talks.stop_title" : "talks.refuse_title")}
      text=${t(isBegun ? "talks.stop_text" : "talks.refuse_text", { name })} yes=${t(isBegun ? "talks.stop" : "talks.refuse")} busy=${move.busy} onYes=${() => move.run("stop")} onClose=${close}><${ActionError} error=${move.error} /><//>`}`;
}

/** @type {Partial<Record<Talk["state"], any>>} */
const SHOWN = { preparing: Preparation, running: Running, paused: Paused };

/** @typedef {{talk: Talk, name: string, move: Move}} Props */

/** Read first: what it is for, when it is not for the two, and how it goes. @param {Props} props */
function Preparation({ talk, name, move }) {
  const { guide } = talk;
  return html`
    <p class="lead">${guide.purpose}</p>
    <div class="card when-not"><h2 class="with-icon"><${Icon} name="circle-alert" />${t("guides.when_not")}</h2><p>${guide.when_not}</p></div>
    <${Section} title=${t("talks.how")}>
      <ul class="plain-list">
        <li>${talk.first === "me" ? t("talks.you_begin") : t("talks.partner_begins", { name })}</li>
        <li>${t("talks.equal", { time: formatMinutes(guide.minutes) })}</li>
        <li>${t("talks.either", { pause: formatMinutes(guide.pause_minutes) })}</li>
        <li>${t("talks.not_stored")}</li>
      </ul>
    <//>
    <div role="status">
      ${talk.partner_ready && html`<${Notice} icon="check" kind="good">${t("talks.partner_ready", { name })}<//>`}
      ${talk.ready && html`<${Notice} icon="clock">${t("talks.waiting", { name })}<//>`}
    </div>
    ${talk.actions.includes("ready") && html`<${Button} kind="primary" class="wide" icon="check" busy=${move.busy}
      onClick=${() => move.run("ready")}>${t("talks.ready")}<//>`}`;
}

/** @param {Props} props */
function Running({ talk, name, move }) {
  const { now } = talk;
  if (!now) return null;
  const isLast = talk.step === talk.last_step;
  return html`
    <${TalkStep} talk=${talk} name=${name}>
      ${now.minutes && now.began_at && html`<${TurnTime} key=${now.began_at} beganAt=${Date.parse(now.began_at)} minutes=${now.minutes} />`}
    <//>
    <p class="hint with-icon"><${Icon} name="info" /><span>${talk.guide.stop}</span></p>
    <${Button} kind="primary" class="wide" icon=${isLast ? "check" : "arrow-right"} busy=${move.busy}
      onClick=${() => move.run("next")}>${t(isLast ? "talks.finish" : "talks.next")}<//>`;
}

/** @param {{talk: Talk, name: string, children?: any}} props */
function TalkStep({ talk, name, children }) {
  const { now } = talk;
  if (!now) return null;
  const who = { me: t("talks.you_speak"), partner: t("talks.partner_speaks", { name }), both: t("talks.both") }[now.speaker];
  const isOpening = now.part === "opening";
  const place = isOpening ? t("talks.opening") : now.part === "closing" ? t("guides.closing")
    : t("talks.step", { step: talk.step, steps: talk.last_step - 1 });
  return html`<${StepCard} who=${who} side=${now.speaker} text=${now.text} place=${place} isQuote=${isOpening}>${children}<//>`;
}

/** @param {Props} props */
function Paused({ talk, name, move }) {
  const isOver = useHasCome(talk.resume_from ? Date.parse(talk.resume_from) : 0);
  return html`
    <div class="talk-step card both" aria-live="polite">
      <p class="talk-text">${t("talks.paused")}</p>
      <p>${t("talks.paused_text")}</p>
      ${talk.resume_at && html`<p class="with-icon"><${Icon} name="clock" />${t("talks.resume_at", { when: formatInstant(talk.resume_at) })}</p>`}
      ${talk.ends_at && html`<p class="hint">${t("talks.quiet_end", { when: formatInstant(talk.ends_at) })}</p>`}
    </div>
    <div role="status">
      ${talk.partner_ready && html`<${Notice} icon="check" kind="good">${t("talks.partner_would_go_on", { name })}<//>`}
      ${talk.ready && html`<${Notice} icon="clock">${t("talks.waiting", { name })}<//>`}
    </div>
    ${!isOver && talk.resume_from && html`<p class="hint">${t("talks.resume_from", { when: formatInstant(talk.resume_from) })}</p>`}
    ${isOver && talk.actions.includes("resume") && html`<${Button} kind="primary" class="wide" icon="arrow-right" busy=${move.busy}
      onClick=${() => move.run("resume")}>${t("talks.resume")}<//>`}`;
}

/** Pause, with a time to go on or without. @param {Props & {onClose: () => void}} props */
function PauseDialog({ talk, name, move, onClose }) {
  const [minutes, setMinutes] = useState(0);
  const { pause_minutes: least, resume_hours: most } = talk.guide;
  const times = PAUSES.filter((each) => each > least && each <= most * 60);
  const pause = () => move.run("pause", { resume_at: minutes ? new Date(serverNow() + minutes * MINUTE).toISOString() : null });
  return html`<${Dialog} title=${t("talks.pause_title")} onClose=${onClose}>
    <p>${t("talks.pause_text", { name, time: formatMinutes(least) })}</p>
    <${Choice} label=${t("talks.when")} value=${minutes} onChange=${setMinutes} options=${[
      { value: 0, label: t("talks.open_end") },
      ...times.map((each) => ({ value: each, label: each === 24 * 60 ? t("talks.tomorrow") : t("talks.in", { time: formatMinutes(each) }) })),
    ]} />
    <${ActionError} error=${move.error} />
    <div class="buttons">
      <${Button} onClick=${onClose}>${t("common.cancel")}<//>
      <${Button} kind="primary" icon="pause" busy=${move.busy} onClick=${pause}>${t("talks.pause")}<//>
    </div>
  <//>`;
}

/** @param {{talk: Talk}} props */
function Ended({ talk }) {
  if (talk.state === "lapsed") return html`<${Over} title=${t("talks.lapsed")} text=${t("talks.lapsed_text")} />`;
  const isFinished = talk.state === "finished";
  return html`<${Over} title=${t(isFinished ? "talks.finished" : "talks.stopped")} text=${isFinished ? talk.guide.closing : t("talks.stopped_text")} />`;
}

/** @param {{title: string, text: string}} props */
function Over({ title, text }) {
  return html`<${Empty} art="notes" title=${title}>
    <p>${text}</p>
    <div class="buttons"><${Link} to="/" class="button primary">${t("common.to_today")}<//><${Link} to="/me/guides" class="button">${t("guides.title")}<//></div>
  <//>`;
}
