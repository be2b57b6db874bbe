// One date: what state it is in, its times, and every answer that the viewer can give now.
import { Refusal, request } from "../api.js";
import { formatInstant, formatMinutes, t } from "../i18n.js";
import { drop, outbox } from "../outbox.js";
import { CategoryPicture, stepsOf } from "../parts/activity.js";
import { AnswerDialog } from "../parts/answers.js";
import { BeginTalk } from "../parts/begin_talk.js";
import { ActionError, Button, Icon, useAction } from "../parts/controls.js";
import { DateState } from "../parts/date.js";
import { say } from "../parts/dialog.js";
import { FeedbackForm } from "../parts/feedback.js";
import { HandOn } from "../parts/hand_on.js";
import { useSeen } from "../parts/inbox_item.js";
import { MoveOffer, Offers, Recorded, SlotText } from "../parts/offers.js";
import { Loaded, Notice, Page, Section } from "../parts/page.js";
import { PhotosOfDate } from "../parts/date_photos.js";
import { RitualCard, ritualText } from "../parts/ritual.js";
import { countdown, requestText } from "../parts/slot_text.js";
import { useHasCome } from "../parts/talk.js";
import { change, refresh, refreshShown, useResource } from "../resources.js";
import { goBack, Link } from "../router.js";
import { html, useEffect, useRef, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {Schemas["PlannedDate"]} PlannedDate */
/** @typedef {(name: string, said: string, body?: unknown) => Promise<void>} Move */

/** @param {{id: string}} props */
export default function DateScreen({ id }) {
  const unsent = outbox.value.find((each) => each.id === id && each.kind === "date");
  const date = useResource(unsent ? null : `/dates/${id}`);
  const me = useResource("/me").data;
  useSeen("date", id);
  if (unsent) return html`<${Unsent} unsent=${unsent} />`;
  return html`<${Page} title=${date.data?.activity.title ?? t("dates.date")} back="/calendar" class="date-screen">
    <${Loaded} resource=${date} retry=${() => refresh(`/dates/${id}`)}>
      ${(/** @type {PlannedDate} */ data) => html`<${Content} date=${data} me=${me} />`}
    <//>
  <//>`;
}

/** A proposal of this device that has not reached the server. @param {{unsent: import("../outbox.js").Waiting}} props */
function Unsent({ unsent }) {
  const { body, state, why } = unsent;
  const activity = useResource(`/activities/${body.activity_id}`).data;
  const throwAway = useAction(async () => {
    await drop(unsent.id);
    goBack("/calendar");
  });
  return html`<${Page} title=${activity?.title ?? t("dates.date")} back="/calendar" class="date-screen">
    <${Notice} icon=${state === "refused" ? "circle-alert" : "clock"} kind=${state === "refused" ? "fault" : "info"}>
      ${state === "refused" ? why : t("dates.waits")}<//>
    <ul class="slots">${body.slots.map(
      (/** @type {any} */ slot) => html`<li key=${requestText(slot)} class="card"><b>${requestText(slot)}</b></li>`,
    )}</ul>
    ${body.repeat && html`<p class="with-icon"><${Icon} name="repeat" />${ritualText({ repeat: body.repeat, zone: "", ...body.slots[0] })}</p>`}
    ${body.agreed && html`<p class="with-icon"><${Icon} name="check" />${t("dates.agreed_already")}</p>`}
    ${body.place && html`<${Place} place=${body.place} />`}
    ${body.message && html`<p class="quote">${body.message}</p>`}
    <div class="buttons">
      <${Button} icon="trash-2" busy=${throwAway.busy} onClick=${throwAway.run}>${t("common.throw_away")}<//>
      <${Link} class="button" to="/propose/${body.activity_id}?outbox=${unsent.id}"><${Icon} name="pencil" />${t("common.change")}<//>
    </div>
  <//>`;
}

/** @param {{date: PlannedDate, me: Schemas["Me"] | undefined}} props */
function Content({ date, me }) {
  const partner = me?.couple?.partner;
  const [asked, setAsked] = useState("");
  const path = `/dates/${date.id}`;
  const state = useRef(/** @type {HTMLElement | null} */ (null));
  const version = useRef(date.version);
  useEffect(() => {
    // The button that was pressed is gone: a keyboard goes on at the new state.
    if (version.current !== date.version && document.activeElement === document.body) state.current?.focus();
    version.current = date.version;
  }, [date.version]);

  const move = useAction(async (/** @type {string} */ name, /** @type {string} */ said, /** @type {unknown} */ body) => {
    try {
      const isEdit = name === "edit";
      const { data } = await request(isEdit ? "PATCH" : "POST", isEdit ? path : `${path}/${name}`, { body, version: date.version });
      change(path, () => data);
    } catch (error) {
      // The partner, or another phone, was faster: show what the date is now.
      if (error instanceof Refusal && [409, 412].includes(error.status)) {
        if (!["counter", "move", "edit"].includes(name)) setAsked(""); // what was typed stays
        await refresh(path);
      }
      throw error;
    }
    setAsked("");
    say(said);
    refreshShown();
  });

  const close = () => {
    setAsked("");
    move.clear();
  };
  return html`
    <div class="date-head" tabindex="-1" ref=${state}>
      <${CategoryPicture} category=${date.activity.category} />
      <div><${DateState} date=${date} partner=${partner} />
        ${date.state === "proposed" && date.expires_at && html`<p class="hint">${t("dates.open_until", { when: formatInstant(date.expires_at) })}</p>`}
        ${date.for === "one" && html`<p class="hint">${t("dates.only_you")}</p>`}</div>
    </div>
    ${!asked && html`<${ActionError} error=${move.error} />`}
    <${RitualCard} date=${date} />
    ${date.actions.includes("accept") ? html`<${Offers} date=${date} partner=${partner} move=${move} />` : html`<${When} date=${date} />`}
    ${date.guide && html`<${TalkOfDate} date=${date} guide=${date.guide} hasPartner=${Boolean(partner)} />`}
    ${date.place && html`<${Place} place=${date.place} />`}
    ${date.recorded && date.state === "accepted" && html`<${Recorded} date=${date} partner=${partner} move=${move} onAsk=${setAsked} />`}
    ${date.move && html`<${MoveOffer} date=${date} offer=${date.move} partner=${partner} move=${move} onAsk=${setAsked} />`}
    ${date.message && html`<figure class="words"><figcaption class="eyebrow">
      ${date.message_from === "me" ? t("dates.you_wrote") : t("dates.wrote", { name: partner ?? t("dates.they") })}</figcaption>
      <blockquote class="quote">${date.message}</blockquote></figure>`}
    ${["accepted", "completed"].includes(date.state) && html`<${DatePhotos} date=${date} />`}
    <${Actions} date=${date} partner=${partner} move=${move} onAsk=${setAsked} />
    ${["proposed", "accepted"].includes(date.state) && html`<${HandOn} date=${date} />`}
    ${isOver(date) && (date.for === "one" ? !date.activity.retired : partner) && html`<${FeedbackForm} key=${date.id} date=${date} />`}
    ${(date.activity.summary || date.activity.steps.length > 0) && html`<${Section} title=${t("dates.steps")}>
      <p>${date.activity.summary}</p>
      ${date.activity.steps.length > 0 && html`<ol class="steps">${stepsOf(date.activity).map((step) => html`<li key=${step}>${step}</li>`)}</ol>`}
      ${!date.activity.retired && html`<${Link} to="/activities/${date.activity.id}" class="text-link">${t("dates.more")}<//>`}
    <//>`}
    ${date.actions.includes("cancel") && html`<p><${Button} kind="quiet" icon="x" onClick=${() => setAsked("cancel")}>${t("dates.cancel")}<//></p>`}
    ${date.actions.includes("did_not_happen") && html`<p><${Button} kind="quiet" icon="x" busy=${move.busy}
      onClick=${() => move.run("did-not-happen", t("dates.not_happened_said"), undefined)}>${t("dates.not_happened")}<//></p>`}
    ${asked && html`<${AnswerDialog} asked=${asked} date=${date} me=${me} move=${move} onClose=${close} />`}`;
}

/** Return whether a date has taken place: then it can no longer be called off. @param {PlannedDate} date */
function isOver({ state, actions }) {
  return state === "completed" || (state === "accepted" && actions.includes("complete") && !actions.includes("cancel"));
}

/** The guide of a date. From the start of the date on, either can open the talk.
 * @param {{date: PlannedDate, guide: NonNullable<PlannedDate["guide"]>, hasPartner: boolean}} props */
function TalkOfDate({ date, guide, hasPartner }) {
  const open = useResource("/today").data?.talk;
  const [isAsked, setAsked] = useState(false);
  const isTime = useHasCome(Date.parse(date.slots[0]?.start ?? ""));
  const hasBegun = date.state === "accepted" && isTime;
  return html`<div class="card talk-of-date">
    <p class="eyebrow">${t("talks.with_guide", { time: formatMinutes(guide.minutes) })}</p>
    <p><${Link} to="/me/guides/${guide.slug}" class="text-link">${guide.title}<//></p>
    ${hasPartner && date.state === "accepted" && !hasBegun && html`<p class="hint">${t("talks.from_start")}</p>`}
    ${hasPartner && hasBegun && (open ? html`<${Link} to="/talks/${open.id}" class="button primary"><${Icon} name="arrow-right" />${t("talks.to_talk")}<//>`
      : html`<div><${Button} kind="primary" icon="arrow-right" onClick=${() => setAsked(true)}>${t("talks.open")}<//></div>`)}
    ${isAsked && html`<${BeginTalk} title=${guide.title} date=${date.id} onClose=${() => setAsked(false)} />`}
  </div>`;
}

/** The photos of a date, those of both. @param {{date: PlannedDate}} props */
function DatePhotos({ date }) {
  const photos = useResource(`/dates/${date.id}/photos`).data?.items;
  return photos && html`<${PhotosOfDate} date=${date} photos=${photos} />`;
}

/** Where a date is. @param {{place: string}} props */
function Place({ place }) {
  return html`<p class="with-icon place"><${Icon} name="map-pin" />${place}</p>`;
}

/** When a date is, or the times that are offered. @param {{date: PlannedDate}} props */
function When({ date }) {
  const [slot] = date.slots;
  if (date.state !== "accepted" || !slot) {
    return html`<ul class="slots">${date.slots.map((each) => html`<li key=${each.id} class="card"><${SlotText} slot=${each} /></li>`)}</ul>`;
  }
  return html`<div class="card ember when"><p class="countdown">${countdown(slot)}</p><${SlotText} slot=${slot} /></div>`;
}

/** What the viewer can do besides saying yes.
 * @param {{date: PlannedDate, partner: string | undefined, move: {run: Move, busy: boolean}, onAsk: (what: string) => void}} props */
function Actions({ date, partner, move, onAsk }) {
  const can = (/** @type {PlannedDate["actions"][number]} */ action) => date.actions.includes(action);
  return html`<div class="actions">
    ${can("counter") && html`<${Button} icon="clock" onClick=${() => onAsk("counter")}>${t("dates.other_times")}<//>`}
    ${can("decline") && html`<${Button} icon="message-circle" onClick=${() => onAsk("decline")}>${t("dates.something_else")}<//>`}
    ${can("move") && !date.move && html`<${Button} icon="clock" onClick=${() => onAsk("move")}>${t("dates.move")}<//>`}
    ${can("edit") && html`<${Button} icon="pencil" onClick=${() => onAsk("edit")}>${t("dates.edit")}<//>`}
    ${can("complete") && html`<${Button} kind="primary" icon="check" busy=${move.busy}
      onClick=${() => move.run("complete", t("dates.completed_said"))}>${t(date.state === "cancelled" ? "dates.happened_after_all" : "dates.complete")}<//>`}
    ${date.state === "completed" && html`<${Link} class="button" to="/memories/${date.id}"><${Icon} name="camera" />${t("memories.to_memory")}<//>`}
    ${can("withdraw") && html`<${Button} icon="undo-2" onClick=${() => onAsk("withdraw")}>${t("dates.withdraw")}<//>`}
    ${date.state === "declined" && date.sender === "me" && date.answer === "another_idea" &&
    html`<${Link} class="button primary" to="/ideas"><${Icon} name="lightbulb" />${t("dates.find_idea")}<//>`}
    ${mayRepeat(date, partner) &&
    html`<${Link} class="button" to="/propose/${date.activity.id}${date.for === "one" ? "?for=one" : ""}">
      <${Icon} name="repeat" />${t("dates.again")}<//>`}
  </div>`;
}

/** Return whether the idea may be planned again: not after a plain no. @param {PlannedDate} date @param {string | undefined} partner */
function mayRepeat(date, partner) {
  if (date.activity.retired) return false;
  if (date.for === "two" && !partner) return false;
  if (date.state === "declined") return date.sender === "me" && date.answer === "another_time";
  return ["withdrawn", "lapsed", "cancelled", "completed"].includes(date.state);
}
