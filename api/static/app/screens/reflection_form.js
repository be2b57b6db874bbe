// Write a reflection: ten minutes on a visible clock, and a stop that keeps or discards the words. Or change one.
import { newId, Refusal, request } from "../api.js";
import { t } from "../i18n.js";
import { ActionError, Button, countLetters, fieldError, Icon, useAction } from "../parts/controls.js";
import { Dialog, say } from "../parts/dialog.js";
import { grow } from "../parts/note.js";
import { Loaded, Notice, Page } from "../parts/page.js";
import { draft } from "../parts/reflection_draft.js";
import { LOCK, Unlock } from "../parts/reflection_lock.js";
import { findInLists, refresh, useResource } from "../resources.js";
import { navigate, query } from "../router.js";
import { html, useEffect, useId, useRef, useState } from "../vendor/preact/preact-11.2.0.js";

const MOST = 10_000;
const NEAR = 1000;
const MINUTES = 10;

/** @param {{id?: string}} props */
export default function ReflectionForm({ id }) {
  return id ? html`<${EditedReflection} id=${id} />` : html`<${NewReflection} />`;
}

function NewReflection() {
  const lock = useResource(LOCK);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    if (lock.data?.state === "open") setOpen(true); // words on the screen stay there, also if another page locks this sign-in
  }, [lock.data?.state]);
  return html`<${Page} title=${t("reflections.write")} back="/notes/reflections">
    ${isOpen ? html`<${Writing} />` : html`<${Loaded} resource=${lock} retry=${() => refresh(LOCK)}>
      ${(/** @type {Schemas["ReflectionLock"]} */ data) => data.state !== "open" && html`<${Unlock} lock=${data} />`}
    <//>`}
  <//>`;
}

function Writing() {
  const [prompt, task] = [query.value.get("prompt"), query.value.get("task")];
  const question = useQuestion(prompt, task);
  const [isAsking, setAsking] = useState(false);
  // A clock from before goes on only with the words from before.
  const [id] = useState(newId);
  const [opened] = useState(Date.now);
  const current = draft.value ?? { id, body: "", prompt, task, question: "", begun: opened };
  const shown = draft.value ? draft.value.question : question;
  const set = (/** @type {string} */ body) => {
    draft.value = body || draft.value ? { ...current, question: shown, body } : null;
  };
  const leave = () => {
    draft.value = null;
    navigate("/notes/reflections", { replace: true });
  };
  const save = useAction(async () => {
    setAsking(false);
    const { body } = current;
    await request("POST", "/reflections", { body: { id: current.id, body, prompt_id: current.prompt, task: current.task } });
    leave();
    say(t("reflections.saved"));
  });
  const stop = () => (current.body.trim() ? setAsking(true) : leave());
  return html`
    ${shown && html`<div class="card pine"><p class="eyebrow">${current.task ? t("reflections.task") : t("reflections.question")}</p>
      <p class="question">${shown}</p></div>`}
    <${Clock} begun=${current.begun} />
    <${Paper} body=${current.body} onBody=${set} error=${save.error} busy=${save.busy} />
    <div class="buttons"><${Button} kind="primary" icon="pause" busy=${save.busy} onClick=${stop}>${t("reflections.stop")}<//></div>
    <p class="hint with-icon"><${Icon} name="lock" /><span>${t("reflections.unsaved_hint")}</span></p>
    ${isAsking && html`<${Stopped} tooLong=${isTooLong(current.body)} onKeep=${() => save.run()} onDiscard=${() => {
      leave();
      say(t("reflections.discarded"));
    }} onClose=${() => setAsking(false)} />`}`;
}

/** Keep the words, discard them, or go on. @param {{tooLong: boolean, onKeep: () => void, onDiscard: () => void, onClose: () => void}} props */
function Stopped({ tooLong, onKeep, onDiscard, onClose }) {
  return html`<${Dialog} title=${t("reflections.stop_title")} onClose=${onClose}>
    <p>${t("reflections.stop_text")}</p>
    <div class="buttons">
      <${Button} kind="primary" icon="lock" disabled=${tooLong} onClick=${onKeep}>${t("notes.keep")}<//>
      <${Button} icon="trash-2" onClick=${onDiscard}>${t("reflections.discard")}<//>
      <${Button} kind="quiet" onClick=${onClose}>${t("reflections.go_on")}<//>
    </div>
  <//>`;
}

/** The rest of ten minutes. When they are over, it says so and takes nothing away. @param {{begun: number}} props */
function Clock({ begun }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, MINUTES * 60 - Math.floor((now - begun) / 1000));
  return html`<div class="writing-clock">
    <p class="with-icon" role="timer" aria-live="off"><${Icon} name="clock" /><span>${t("reflections.time_left", { time: formatTimer(left) })}</span></p>
    <div role="status">${left === 0 && html`<${Notice} icon="leaf" kind="good">${t("reflections.time_over")}<//>`}</div>
  </div>`;
}

/** @param {string} body */
const isTooLong = (body) => countLetters(body) > MOST;

/** @param {{body: string, onBody: (body: string) => void, error: Error | null, busy: boolean}} props */
function Paper({ body, onBody, error, busy }) {
  const id = useId();
  const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  useEffect(() => {
    if (area.current) grow(area.current);
  }, [body]);
  const left = MOST - countLetters(body);
  const fault = left < 0 ? t("common.too_long", { count: -left }) : fieldError(error, "body");
  return html`<div class="paper writing">
      <label for=${id} class="eyebrow">${t("notes.your_words")}</label>
      <textarea id=${id} ref=${area} class="handwriting" rows="9" readonly=${busy} value=${body} autocomplete="off"
        onInput=${(/** @type {any} */ event) => onBody(event.currentTarget.value)}
        aria-invalid=${fault ? "true" : undefined} aria-describedby="${id}-state"></textarea>
      <p id="${id}-state" class=${fault ? "fault" : "hint"} aria-live="polite">${fault || (left < NEAR && t("notes.left", { count: left }))}</p>
    </div>
    <${ActionError} error=${error} besides=${["body"]} />`;
}

/** @param {number} seconds */
const formatTimer = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/**
 * Return the text of the prompt or the task. A prompt is asked for without `useResource`, which would keep it on the device.
 * @param {string | null} prompt @param {string | null} task
 */
function useQuestion(prompt, task) {
  const suggestion = useResource(prompt || task ? "/reflections/suggestion" : null).data;
  const ofDay = useResource("/today").data?.prompt;
  const known = [suggestion?.prompt, ofDay, prompt && findInLists("/prompts?", prompt)].find((each) => prompt && each?.id === prompt);
  const [asked, setAsked] = useState("");
  const isUnknown = Boolean(prompt && !known);
  useEffect(() => {
    if (isUnknown) request("GET", `/prompts/${prompt}`).then(({ data }) => setAsked(data.text)).catch(() => null);
  }, [isUnknown]);
  if (prompt) return known?.text ?? asked;
  return task && suggestion?.task === task ? suggestion.task_text : "";
}

/** @param {{id: string}} props */
function EditedReflection({ id }) {
  const path = /** @type {const} */ (`/reflections/${id}`);
  const reflection = useResource(path);
  return html`<${Page} title=${t("reflections.edit")} back="/notes/reflections/${id}">
    <${Loaded} resource=${reflection} retry=${() => refresh(path)}>
      ${(/** @type {Schemas["Reflection"]} */ data) => html`<${Edit} reflection=${data} />`}
    <//>
  <//>`;
}

/** @param {{reflection: Schemas["Reflection"]}} props */
function Edit({ reflection }) {
  const screen = `/notes/reflections/${reflection.id}`;
  // The version that the author began with: a later one must not be overwritten unseen.
  const [base, setBase] = useState(reflection);
  const [changed, setChanged] = useState(/** @type {Schemas["Reflection"] | null} */ (null));
  const [body, setBody] = useState(reflection.body);
  const save = useAction(async () => {
    try {
      await request("PATCH", `/reflections/${reflection.id}`, { body: { body }, version: base.version });
      navigate(screen, { replace: true });
      say(t("common.saved"));
    } catch (error) {
      if (error instanceof Refusal && error.status === 412) {
        const { data } = await request("GET", `/reflections/${reflection.id}`);
        setBase(data);
        setChanged(data);
      }
      throw error;
    }
  });
  return html`
    ${reflection.question && html`<div class="card pine"><p class="question">${reflection.question}</p></div>`}
    ${changed && html`<section class="section"><h2>${t("reflections.other_version")}</h2>
      <div class="paper"><p class="handwriting">${changed.body}</p></div><p class="hint">${t("notes.other_version_text")}</p></section>`}
    <${Paper} body=${body} onBody=${setBody} error=${save.error} busy=${save.busy} />
    <div class="buttons">
      <${Button} onClick=${() => navigate(screen, { replace: true })}>${t("common.cancel")}<//>
      <${Button} kind="primary" busy=${save.busy} disabled=${!body.trim() || isTooLong(body)} onClick=${save.run}>${t("common.save")}<//>
    </div>`;
}
