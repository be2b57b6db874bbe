// Promises to oneself: small, private, and logged by oneself. A day that was missed is only empty.
import { newId, request } from "../api.js";
import { dateOf, formatDay, locale, t } from "../i18n.js";
import { send } from "../outbox.js";
import { ActionError, Button, Field, fieldError, Icon, useAction } from "../parts/controls.js";
import { Confirm, say } from "../parts/dialog.js";
import { Fold } from "../parts/fold.js";
import { Empty, Page } from "../parts/page.js";
import { Pages } from "../parts/pages.js";
import { MOST } from "../parts/request.js";
import { addDays, nowIn } from "../parts/times.js";
import { change, refresh, refreshShown, useResource } from "../resources.js";
import { Link, navigate, query } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {Schemas["Commitment"]} Commitment */

const OPEN = "/commitments?show=open";
const ENDED = "/commitments?show=ended";
const DAYS = 7;

export default function Promises() {
  const isFromRequest = query.value.has("request");
  const isAnyEnded = Boolean(useResource(ENDED).data?.items.length);
  return html`<${Page} title=${t("promises.title")} back="/notes" lead=${t("promises.lead")}>
    ${isFromRequest && html`<${New} />`}
    <${Pages} path=${OPEN} empty=${html`<${Empty} art="notes" title=${t("promises.none")}><p>${t("promises.none_text")}</p><//>`}>
      ${(/** @type {Commitment[]} */ items) => html`<ul class="papers">${items.map((item) => html`<${Card} key=${item.id} item=${item} />`)}</ul>`}
    <//>
    ${!isFromRequest && html`<${New} />`}
    ${isAnyEnded && html`<${Fold} title=${t("promises.ended")}>
      <${Pages} path=${ENDED}>
        ${(/** @type {Commitment[]} */ items) => html`<ul class="papers">${items.map((item) => html`<${Card} key=${item.id} item=${item} />`)}</ul>`}
      <//>
    <//>`}
  <//>`;
}

function New() {
  const request_id = query.value.get("request");
  const asked = useResource(request_id ? /** @type {const} */ (`/requests/${request_id}`) : null).data;
  const [id, setId] = useState(newId);
  const [body, setBody] = useState("");
  const make = useAction(async () => {
    const made = await send("commitment", "POST", "/commitments", { id, body, request_id });
    setBody("");
    setId(newId());
    if (request_id) navigate("/notes/promises", { replace: true });
    say(made ? t("promises.made") : t("notes.queued"));
    await refreshShown();
  });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    if (body.trim()) make.run();
  };
  return html`<form onSubmit=${submit} novalidate class="card">
    ${asked && html`<p class="eyebrow">${t("promises.from_request")}</p><p class="handwriting">${asked.body}</p>`}
    <${Field} label=${t("promises.words")} hint=${t("promises.words_hint")} most=${MOST} value=${body} onInput=${setBody} error=${fieldError(make.error, "body")} />
    <${ActionError} error=${make.error} besides=${["body"]} />
    <${Button} kind="primary" type="submit" icon="lock" busy=${make.busy} disabled=${!body.trim() || make.busy}>${t("promises.make")}<//>
  </form>`;
}

/** @param {{item: Commitment}} props */
function Card({ item }) {
  const [asked, setAsked] = useState("");
  const [body, setBody] = useState(item.body);
  const isEnded = item.ended_at !== null;
  const act = useAction(async (/** @type {"DELETE" | "PATCH"} */ method, /** @type {object} */ changes = {}) => {
    try {
      await request(method, `/commitments/${item.id}`, method === "DELETE" ? {} : { body: changes, version: item.version });
    } finally {
      setAsked("");
      await refreshShown();
    }
  });
  return html`<li class="paper">
    <h3 class="handwriting">${item.body}</h3>
    ${item.request_id && html`<p><${Link} to="/notes/requests/${item.request_id}" class="text-link">${t("promises.from_request")}<//></p>`}
    ${!isEnded && html`<${Week} item=${item} />`}
    <${ActionError} error=${act.error} />
    <div class="buttons">
      ${!isEnded && html`<${Button} kind="quiet" icon="pencil" onClick=${() => setAsked("edit")}>${t("common.edit")}<//>`}
      <${Button} kind="quiet" icon=${isEnded ? "rotate-cw" : "check"} busy=${act.busy} onClick=${() => act.run("PATCH", { ended: !isEnded })}>
        ${isEnded ? t("promises.reopen") : t("promises.end")}<//>
      <${Button} kind="quiet" icon="trash-2" onClick=${() => setAsked("delete")}>${t("common.delete")}<//>
    </div>
    ${asked === "edit" && html`<${Confirm} title=${t("promises.edit")} yes=${t("common.save")} busy=${act.busy}
      onYes=${() => (body.trim() ? act.run("PATCH", { body }) : undefined)} onClose=${() => setAsked("")}>
      <${Field} label=${t("promises.words")} most=${MOST} value=${body} onInput=${setBody} /><//>`}
    ${asked === "delete" && html`<${Confirm} danger title=${t("promises.delete_title")} text=${t("promises.delete_text")} yes=${t("common.delete")}
      busy=${act.busy} onYes=${() => act.run("DELETE")} onClose=${() => setAsked("")} />`}
  </li>`;
}

/** The last days, to log them with a tap. @param {{item: Commitment}} props */
function Week({ item }) {
  const me = useResource("/me").data;
  const days = lastDays(nowIn(me?.zone).slice(0, 10)).filter((day) => day >= item.first_day);
  const logged = new Set(item.days);
  const log = useAction(async (/** @type {string} */ day) => {
    const isDone = logged.has(day);
    show(item.id, isDone ? item.days.filter((each) => each !== day) : [...item.days, day]);
    try {
      await send("commitment_day", isDone ? "DELETE" : "PUT", `/commitments/${item.id}/days/${day}`);
    } catch (error) {
      refresh(OPEN);
      throw error;
    }
  });
  return html`<div class="week" role="group" aria-label=${t("promises.days")}>
      ${days.map(
        (day) => html`<button key=${day} type="button" class="day-button" aria-pressed=${logged.has(day)} aria-label=${formatDay(day)}
            onClick=${() => log.run(day)}>
          <span aria-hidden="true">${WEEKDAY.format(dateOf(day))}</span>
          <span aria-hidden="true">${logged.has(day) ? html`<${Icon} name="check" />` : Number(day.slice(8))}</span>
        </button>`,
      )}
    </div>
    <${ActionError} error=${log.error} />`;
}

const WEEKDAY = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });

/** Return the last days up to today, the oldest first. @param {string} today */
const lastDays = (today) => Array.from({ length: DAYS }, (_, index) => addDays(today, index + 1 - DAYS));

/** Show other days of a promise at once. @param {string} id @param {string[]} days */
function show(id, days) {
  change(OPEN, (page) => ({ ...page, items: page.items.map((/** @type {Commitment} */ each) => (each.id === id ? { ...each, days } : each)) }));
}
