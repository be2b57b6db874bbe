// Import: what a person exported on another server. Both files at once, so that notes find the dates they are about.
import { Refusal, request } from "../api.js";
import { t } from "../i18n.js";
import { ActionError, Button, useAction } from "../parts/controls.js";
import { NotAnExport, openExport } from "../parts/export_file.js";
import { sendPhotos } from "../parts/moved_photos.js";
import { Notice, Page, Section } from "../parts/page.js";
import { LOCK, UnlockForm } from "../parts/reflection_lock.js";
import { refresh, refreshShown, useResource } from "../resources.js";
import { html, useEffect, useId, useRef, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {import("../parts/moved_photos.js").Progress} Progress */

/** A large file takes a while on a slow line. */
const PATIENCE = 180_000;
/**
 * What an import takes. All else would only make the request larger.
 * @type {(keyof Schemas["ImportIn"])[]}
 */
const TAKEN = [
  "format", "version", "person", "own_ideas", "own_dates", "dates", "private_notes", "shared_notes", "photos", "reflections",
  "commitments", "important_days", "self_care_plans", "self_care_steps", "support_checklists", "hidden_memories", "feedback",
  "votes", "profile", "availability", "notifications", "busy_calendars",
];

/** The files are of two people. */
class TwoPeople extends Error {}

export default function Import() {
  const id = useId();
  const [files, setFiles] = useState(/** @type {File[]} */ ([]));
  const [fault, setFault] = useState("");
  const [result, setResult] = useState(/** @type {Schemas["ImportResult"] | null} */ (null));
  const [progress, setProgress] = useState(/** @type {Progress | null} */ (null));
  const [isLocked, setLocked] = useState(false);
  const isGone = useRef(false);
  useEffect(() => () => void (isGone.current = true), []);
  const { run, busy, error, clear } = useAction(async (/** @type {boolean} */ withReflections) => {
    setResult(null);
    setProgress(null);
    setLocked(false);
    try {
      const archives = await Promise.all(files.map(openExport));
      const body = bodyOf(archives.map(({ data }) => data));
      if (!withReflections) delete body.reflections;
      const { data } = await request("POST", "/me/imports", { body, patience: PATIENCE });
      setResult(data);
      await refreshShown();
      await sendPhotos(data.photos, archives, setProgress, () => isGone.current);
    } catch (caught) {
      if (caught instanceof NotAnExport) setFault(t("me.import_not_readable"));
      else if (caught instanceof TwoPeople) setFault(t("me.import_two_people"));
      else if (caught instanceof Refusal && caught.reason === "reflections_locked") setLocked(true);
      else throw caught;
    }
  });
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    run(true);
  };
  /** @param {any} event */
  const choose = (event) => {
    setFiles([...event.currentTarget.files]);
    setFault("");
    setResult(null);
    setProgress(null);
    setLocked(false);
    clear();
  };
  return html`<${Page} title=${t("me.import")} lead=${t("me.import_lead")} back="/me/export">
    <form onSubmit=${submit}>
      <div class="field">
        <label for=${id}>${t("me.import_files")}</label>
        <input id=${id} type="file" accept=".zip,.json,application/zip,application/json" multiple required onChange=${choose}
          aria-describedby="${id}-hint${fault ? ` ${id}-fault` : ""}" aria-invalid=${fault ? "true" : undefined} />
        <p class="hint" id="${id}-hint">${t("me.import_both")}</p>
        ${fault && html`<p class="fault" id="${id}-fault">${fault}</p>`}
      </div>
      <${ActionError} error=${error} />
      ${error && progress && html`<p class="hint">${t("me.import_photos_left", { count: progress.all - progress.done })}</p>`}
      <${Button} kind="primary" type="submit" icon="download" busy=${busy}>${t("me.import_start")}<//>
    </form>
    <div role="status">${isLocked && html`<p class="card">${t("me.import_locked")}</p>`}</div>
    ${isLocked && html`<${Locked} onOpen=${() => run(true)} onLeave=${() => run(false)} />`}
    ${progress && progress.done < progress.all && busy && html`<${Sending} progress=${progress} />`}
    <div role="status">${result && (!busy || result.photos.length === 0) && html`<${Result} items=${withPhotos(result, progress)} />`}</div>
    <${Section} title=${t("me.import_what")}><${List} names=${["notes", "dates", "ideas", "reflections", "own", "again"]} kind="comes" /><//>
    <${Section} title=${t("me.import_stays")}><${List} names=${["partner", "both", "blocks", "account", "log"]} kind="stays" /><//>
    <${Notice} icon="users">${t("me.import_partner")}<//>
  <//>`;
}

/** @param {{names: string[], kind: "comes" | "stays"}} props */
function List({ names, kind }) {
  return html`<ul class="plain-list">${names.map((name) => html`<li key=${name}>${t(/** @type {any} */ (`me.import_${kind}_${name}`))}</li>`)}</ul>`;
}

/** Return the parts of one person's export in one body. Throws TwoPeople. @param {any[]} parts @returns {any} */
function bodyOf(parts) {
  const people = new Set(parts.map((part) => part.person?.id));
  if (people.size > 1) throw new TwoPeople("files of two people");
  const whole = Object.assign({}, ...parts);
  return Object.fromEntries(TAKEN.filter((name) => name in whole).map((name) => [name, whole[name]]));
}

/** Return the numbers with those of the photos that were sent. @param {Schemas["ImportResult"]} result @param {Progress | null} progress */
function withPhotos({ items }, progress) {
  if (!progress?.all) return items;
  const photos = items.find(({ kind }) => kind === "photos") ?? { kind: "photos", added: 0, present: 0, skipped: 0 };
  const sent = { ...photos, added: progress.added, skipped: photos.skipped + progress.skipped };
  return [...items.filter((item) => item !== photos), sent];
}

/** What a person sees whose reflections are locked on this device. @param {{onOpen: () => void, onLeave: () => void}} props */
function Locked({ onOpen, onLeave }) {
  const lock = useResource(LOCK).data;
  const state = lock?.state;
  useEffect(() => {
    refresh(LOCK);
  }, []);
  useEffect(() => {
    if (state === "open") onOpen();
  }, [state]);
  if (!lock) return null;
  return html`<${Section} title=${t("me.import_reflections")}>
    ${lock.state === "new" && html`<${Notice} icon="lock">${t("me.import_new_key")}<//>`}
    <${UnlockForm} isNew=${lock.state === "new"} needsBoth=${lock.needs.length > 1} />
    <${Button} kind="quiet" class="wide" onClick=${onLeave}>${t("me.import_leave_reflections")}<//>
  <//>`;
}

/** How many photos are here by now. @param {{progress: Progress}} props */
function Sending({ progress }) {
  const text = t("me.import_sending", { done: progress.done, all: progress.all });
  return html`<div class="card sending">
    <p>${text}</p>
    <progress max=${progress.all} value=${progress.done} aria-label=${text}></progress>
    <p class="hint">${t("me.import_stay")}</p>
  </div>`;
}

/** @param {{items: Schemas["Imported"][]}} props */
function Result({ items }) {
  if (!items.length) return html`<p class="card">${t("me.import_nothing")}</p>`;
  return html`<div class="card pine">
    <h2>${t("me.import_done")}</h2>
    <dl class="places">${items.map(
      ({ kind, added, present, skipped }) => html`<div key=${kind}><dt>${t(`me.import_${kind}`)}</dt>
        <dd>${t("me.import_line", { added, present, skipped })}</dd></div>`,
    )}</dl>
  </div>`;
}
