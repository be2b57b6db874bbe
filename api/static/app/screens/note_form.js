// Write a note, from a question, about a date or freely, or change a private one. What is typed survives leaving the screen.
import { newId, Refusal, request } from "../api.js";
import { t } from "../i18n.js";
import { drop, outbox, send } from "../outbox.js";
import { ActionError, Button, Choice, fieldError, Icon, useAction } from "../parts/controls.js";
import { say } from "../parts/dialog.js";
import { grow, labelOf, lettersLeft, MOST, NoteDate, NotePrompt, ShareDialog, useKinds, usePartner, usePrompt } from "../parts/note.js";
import { Loaded, Notice, Page, Skeleton } from "../parts/page.js";
import { refresh, useResource } from "../resources.js";
import { navigate, query } from "../router.js";
import { forget, keep, read } from "../storage.js";
import { html, useEffect, useId, useRef, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {{to: string, kind: string, body: string}} NoteDraft an unfinished note; `to` is the screen that goes on with it */

/** @param {{id?: string}} props */
export default function NoteForm({ id }) {
  return id ? html`<${EditedNote} id=${id} />` : html`<${NewNote} />`;
}

function NewNote() {
  const [about] = useState(() => ({
    prompt: query.value.get("prompt"),
    date: query.value.get("date"),
    refused: outbox.value.find((write) => write.id === query.value.get("outbox")),
  }));
  const { prompt, date, refused } = about;
  const wantedKind = usePrompt(prompt)?.note_kind ?? "";
  // A date that has gone must not refuse the note again and again.
  const isDateGone = useResource(date ? /** @type {const} */ (`/dates/${date}`) : null).error instanceof Refusal;
  const name = usePartner();
  const key = `draft:note:${prompt ?? date ?? ""}`;
  const to = prompt ? `/notes/new?prompt=${prompt}` : date ? `/notes/new?date=${date}` : "/notes/new";
  const draft = useDraft(key, to, refused?.body);
  const [id] = useState(newId);
  const [isAsking, setAsking] = useState(false);
  const [made, setMade] = useState(/** @type {Schemas["Note"] | null} */ (null));

  const share = useAction(async (/** @type {Schemas["Note"]} */ note) => {
    await request("POST", `/notes/${note.id}/share`, { version: note.version });
    refresh("/today");
    navigate(`/notes/${note.id}`, { replace: true });
    say(t("notes.shared_now", { name: name ?? "" }));
  });
  const save = useAction(async (/** @type {boolean} */ isShared) => {
    setAsking(false);
    const kind = draft.value?.kind || wantedKind || "kindness";
    const body = { id, kind, body: draft.value?.body ?? "", prompt_id: prompt, date_id: isDateGone ? null : date };
    const note = await send("note", "POST", "/notes", body);
    await forget(key);
    if (refused) await drop(refused.id);
    if (note && isShared) {
      setMade(note);
      await share.run(note);
      return;
    }
    const after = note?.kind === "memory" ? `/notes/${id}` : "/notes"; // a memory can have photos, which are added there
    navigate(date && !isDateGone ? `/dates/${date}` : after, { replace: true });
    say(note ? t("notes.saved") : isShared ? t("notes.queued_unshared") : t("notes.queued"));
  });

  if (made) {
    return html`<${Page} title=${t("notes.own_note")} back="/notes">
      <article class="paper"><p class="handwriting">${made.body}</p></article>
      <${Notice} icon="circle-check" kind="good">${t("notes.saved_unshared")}<//>
      <${ActionError} error=${share.error} />
      <div class="buttons">
        <${Button} onClick=${() => navigate(`/notes/${made.id}`, { replace: true })}>${t("notes.to_note")}<//>
        <${Button} kind="primary" busy=${share.busy} onClick=${() => share.run(made)}>${t("common.try_again")}<//>
      </div>
    <//>`;
  }
  return html`<${Page} title=${t("notes.new")} back="/notes" lead=${prompt || date ? undefined : t("notes.new_lead")}>
    ${prompt && html`<${NotePrompt} id=${prompt} />`}
    ${date && html`<${NoteDate} id=${date} />`}
    <${Paper} draft=${draft} wantedKind=${wantedKind} error=${save.error} busy=${save.busy} onSubmit=${() => save.run(false)}>
      ${(/** @type {boolean} */ isReady) => html`<div class="buttons">
          <${Button} kind="primary" type="submit" icon="lock" disabled=${!isReady || save.busy} busy=${save.busy}>${t("notes.keep")}<//>
          ${name && html`<${Button} icon="share-2" disabled=${!isReady || save.busy} onClick=${() => setAsking(true)}>${t("notes.keep_and_share")}<//>`}
        </div>
        ${name && html`<p class="hint">${t("notes.private_until", { name })}</p>`}`}
    <//>
    ${isAsking && name && html`<${ShareDialog} partner=${name} body=${draft.value?.body ?? ""} busy=${save.busy} onYes=${() => save.run(true)} onClose=${() => setAsking(false)} />`}
  <//>`;
}

/** A private note that is changed. @param {{id: string}} props */
function EditedNote({ id }) {
  const path = /** @type {const} */ (`/notes/${id}`);
  const note = useResource(path);
  return html`<${Page} title=${t("notes.edit")} back=${path}>
    <${Loaded} resource=${note} retry=${() => refresh(path)}>
      ${(/** @type {Schemas["Note"]} */ data) => html`<${Edit} note=${data} />`}
    <//>
  <//>`;
}

/** @param {{note: Schemas["Note"]}} props */
function Edit({ note }) {
  const path = `/notes/${note.id}`;
  const key = `draft:note:${note.id}`;
  const waiting = outbox.value.find((write) => write.path === path);
  const draft = useDraft(key, `${path}/edit`, waiting?.body, note);
  // The version that the viewer began with: a later one must not be overwritten unseen.
  const [base, setBase] = useState(note);
  const [changed, setChanged] = useState(/** @type {Schemas["Note"] | null} */ (null));
  const save = useAction(async () => {
    const { kind = note.kind, body = "" } = draft.value ?? {};
    try {
      const saved = await send("note", "PATCH", path, { kind, body }, { version: base.version });
      await forget(key);
      navigate(path, { replace: true });
      say(saved ? t("common.saved") : t("notes.queued"));
    } catch (error) {
      if (error instanceof Refusal && error.status === 412) {
        const { data } = await request("GET", path);
        setBase(data);
        setChanged(data);
      }
      throw error;
    }
  });
  return html`
    ${note.prompt_id && html`<${NotePrompt} id=${note.prompt_id} />`}
    ${changed && html`<section class="section"><h2>${t("notes.other_version")}</h2>
      <div class="paper"><p class="handwriting">${changed.body}</p></div><p class="hint">${t("notes.other_version_text")}</p></section>`}
    <${Paper} draft=${draft} wantedKind=${note.kind} error=${save.error} busy=${save.busy} onSubmit=${save.run}>
      ${(/** @type {boolean} */ isReady) => html`<div class="buttons">
        <${Button} onClick=${() => forget(key).then(() => navigate(path, { replace: true }))}>${t("common.cancel")}<//>
        <${Button} kind="primary" type="submit" disabled=${!isReady || save.busy} busy=${save.busy}>${t("common.save")}<//>
      </div>`}
    <//>`;
}

/**
 * Return what is typed, which is kept at each change: {value, isOld, set}. `value` is undefined until it is read.
 * @param {string} key @param {string} to @param {NoteDraft | undefined} refused the text of a refused write comes first
 * @param {{kind: string, body: string}} [start]
 */
function useDraft(key, to, refused, start = { kind: "", body: "" }) {
  const [value, setValue] = useState(/** @type {NoteDraft | undefined} */ (undefined));
  const [isOld, setOld] = useState(false);
  useEffect(() => {
    read(key).then((/** @type {NoteDraft | undefined} */ draft) => {
      const { kind, body } = refused ?? draft ?? start;
      setValue({ to, kind, body });
      setOld(Boolean(draft && !refused));
    });
  }, [key]);
  /** @param {Partial<NoteDraft>} change */
  const set = (change) => {
    const next = { kind: "", body: "", to, ...value, ...change };
    setValue(next);
    if (next.body.trim()) keep(key, next);
    else forget(key);
  };
  const restart = () => {
    forget(key);
    setValue({ to, kind: start.kind, body: start.body });
    setOld(false);
  };
  return { value, isOld, set, restart };
}

/**
 * The sheet of paper and the kind of the note. `children` draws the buttons.
 * @param {{draft: ReturnType<typeof useDraft>, wantedKind: string, error: Error | null, busy: boolean, onSubmit: () => void,
 *   children: (isReady: boolean) => any}} props
 */
function Paper({ draft, wantedKind, error, busy, onSubmit, children }) {
  const kinds = useKinds();
  const id = useId();
  const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const isShown = draft.value !== undefined;
  useEffect(() => {
    if (isShown && area.current) grow(area.current);
  }, [isShown]);
  if (!draft.value) return html`<${Skeleton} lines=${2} />`;
  const { body, kind } = draft.value;
  const { left, hint, fault: tooLong } = lettersLeft(body, MOST);
  const fault = tooLong ?? fieldError(error, "body");
  const isReady = body.trim() !== "" && left >= 0;
  const shownKind = kind || wantedKind || kinds[0]?.value;
  /** @param {any} event */
  const onInput = (event) => {
    grow(event.currentTarget);
    draft.set({ body: event.currentTarget.value });
  };
  return html`<form onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    if (isReady) onSubmit();
  }}>
    ${draft.isOld && html`<p class="hint draft-line">${t("notes.draft_restored")}
      <${Button} kind="quiet" onClick=${draft.restart}>${t("notes.start_anew")}<//></p>`}
    <div class="paper writing">
      <label for=${id} class="eyebrow">${t("notes.your_words")}</label>
      <textarea id=${id} ref=${area} class="handwriting" rows="7" readonly=${busy} value=${body} onInput=${onInput}
        aria-invalid=${fault ? "true" : undefined} aria-describedby="${id}-state"></textarea>
      <p id="${id}-state" class=${fault ? "fault" : "hint"} aria-live="polite">${fault || hint}</p>
    </div>
    <${Choice} label=${t("notes.kind_question")} options=${kinds} value=${shownKind} onChange=${(/** @type {string} */ value) => draft.set({ kind: value })} />
    ${kinds.length > 0 && html`<p class="hint with-icon" aria-live="polite"><${Icon} name="camera" /><span>${
      shownKind === "memory" ? t("notes.photos_after") : t("notes.photos_of_memory", { kind: labelOf("memory", kinds) })
    }</span></p>`}
    <${ActionError} error=${error} besides=${["body"]} />
    ${children(isReady)}
  </form>`;
}
