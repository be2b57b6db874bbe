// Space: a pause that one person takes alone. It needs a decision about each agreed date, and no reason.
import { Refusal, request } from "../api.js";
import { formatInstant, formatInstantDay, formatLongDay, t } from "../i18n.js";
import { ActionError, Button, Choice, Field, fieldError, Icon, useAction } from "../parts/controls.js";
import { ForTwo } from "../parts/couple.js";
import { DateRow } from "../parts/date.js";
import { Confirm, Dialog, say } from "../parts/dialog.js";
import { operatorText } from "../parts/operator.js";
import { Loaded, Notice, Page, Section } from "../parts/page.js";
import { RowLink } from "../parts/rows.js";
import { bodyOf, decisionText, DecisionFields, UNDECIDED } from "../parts/space_dates.js";
import { refresh, refreshShown, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {{kind: Schemas["SpaceKind"] | null, sentence: string | null, until: string}} Kind */
/** @typedef {import("../parts/space_dates.js").Decision} Decision */

export default function Space() {
  return html`<${Page} title=${t("us.space")} lead=${t("us.space_lead")} back="/us" class="space">
    <${ForTwo}>${(/** @type {Schemas["Couple"]} */ couple) => html`<${Content} name=${couple.partner} />`}<//>
  <//>`;
}

/** @param {{name: string}} props */
function Content({ name }) {
  const space = useResource("/me/space");
  return html`<${Loaded} resource=${space} retry=${() => refresh("/me/space")}>
    ${(/** @type {Schemas["Space"]} */ data) => html`
      ${data.kind ? html`<${Current} space=${data} name=${name} />` : html`<${Start} space=${data} name=${name} />`}
      <${Offers} space=${data} name=${name} />
      ${data.kind && html`<${Terms} space=${data} />`}`}
  <//>`;
}

/** @param {{space: Schemas["Space"], name: string}} props */
function Start({ space, name }) {
  const [kind, setKind] = useState(/** @type {Kind} */ ({ kind: null, sentence: null, until: "" }));
  const [decisions, setDecisions] = useState(/** @type {Record<string, Decision>} */ ({}));
  const [isMissing, setMissing] = useState(false);
  const start = useAction(async () => {
    const dates = space.dates.map(({ date }) => bodyOf(date.id, decisions[date.id] ?? UNDECIDED));
    try {
      await request("PUT", "/me/space", { body: { ...bodyOfKind(kind), dates } });
    } catch (error) {
      await refresh("/me/space"); // the partner may have accepted an offer meanwhile
      if (error instanceof Refusal) setMissing(true);
      throw error;
    }
    say(t("us.space_started"));
    await refreshShown();
    scrollTo(0, 0);
  });
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    const open = space.dates.find(({ date }) => (decisions[date.id] ?? UNDECIDED).going === null);
    setMissing(Boolean(open));
    if (open) document.getElementById(`decision-${open.date.id}`)?.focus();
    else start.run();
  };
  return html`
    ${space.held_until && html`<${Notice} icon="inbox">${t("us.space_held_still", { day: formatInstantDay(space.held_until) })}
      ${" "}<${Link} to="/us/held">${t("today.held_look")}<//><//>`}
    <form onSubmit=${submit}>
      <${KindFields} space=${space} kind=${kind} onChange=${setKind} name=${name} error=${start.error} />
      ${kind.kind && !isTooSoon(space, kind) && html`
        ${space.dates.length > 0 && html`<${Section} title=${t("us.space_dates")}>
          <p>${t("us.space_dates_text", { name })}</p>
          ${space.dates.map((upcoming, index) => {
            const decision = decisions[upcoming.date.id] ?? UNDECIDED;
            const error = isMissing && decision.going === null ? t("us.decide") : fieldError(start.error, `dates.${index}`);
            return html`<${DecisionFields} key=${upcoming.date.id} upcoming=${upcoming} decision=${decision} name=${name} error=${error}
              onChange=${(/** @type {Decision} */ changed) => setDecisions({ ...decisions, [upcoming.date.id]: changed })} />`;
          })}
        <//>`}
        <${ActionError} error=${start.error} besides=${["sentence", "until", "dates", ...space.dates.map((_, index) => `dates.${index}.off_at`)]} />
        <p class="noticed"><${Icon} name=${kind.kind === "said" ? "eye" : "eye-off"} />
          <span>${t(kind.kind === "said" ? "us.said_seen" : "us.quiet_seen", { name })}</span></p>
        <${Button} type="submit" kind="primary" class="wide" busy=${start.busy}>${t("us.space_start")}<//>`}
      <${Terms} space=${space} />
    </form>`;
}

/** Return the body of a kind of space. @param {Kind} kind */
function bodyOfKind({ kind, sentence, until }) {
  return kind === "said" ? { kind, sentence, until: until || null } : { kind };
}

/** Return whether it is too soon to announce a space. @param {Schemas["Space"]} space @param {Kind} kind */
const isTooSoon = (space, { kind }) => kind === "said" && space.kind !== "said" && space.next_sentence_at !== null;

/**
 * Quiet or said, and for said the sentence and the day.
 * @param {{space: Schemas["Space"], kind: Kind, onChange: (kind: Kind) => void, name: string, error: Error | null}} props
 */
function KindFields({ space, kind, onChange, name, error }) {
  return html`
    <div class="pair"><${Choice} label=${t("us.space_kind")} look="cards" value=${kind.kind}
      options=${[
        { value: "quiet", label: t("us.quiet"), text: t("us.quiet_text", { name }), icon: "eye-off" },
        { value: "said", label: t("us.said"), text: t("us.said_text", { name }), icon: "message-circle" },
      ]}
      onChange=${(/** @type {Schemas["SpaceKind"]} */ value) => onChange({ ...kind, kind: value })} /></div>
    ${isTooSoon(space, kind) && html`<${Notice} icon="clock">${t("us.said_too_soon", { when: formatInstant(space.next_sentence_at ?? "") })}<//>`}
    ${kind.kind === "said" && !isTooSoon(space, kind) && html`
      <${Choice} label=${t("us.sentence", { name })} look="cards" value=${kind.sentence}
        options=${space.sentences.map(({ key, text }) => ({ value: key, label: text }))}
        onChange=${(/** @type {string} */ sentence) => onChange({ ...kind, sentence })} />
      ${fieldError(error, "sentence") && html`<p class="fault" role="alert">${fieldError(error, "sentence")}</p>`}
      <${Field} label=${t("us.until")} hint=${t("us.until_hint")} type="date" value=${kind.until} error=${fieldError(error, "until")}
        onInput=${(/** @type {string} */ until) => onChange({ ...kind, until })} />`}`;
}

/** A space that goes on. @param {{space: Schemas["Space"], name: string}} props */
function Current({ space, name }) {
  const [open, setOpen] = useState("");
  const end = useAction(async () => {
    await request("DELETE", "/me/space");
    setOpen("");
    say(t("us.space_ended"));
    await refreshShown();
  });
  const own = space.sentences.find((sentence) => sentence.key === space.sentence);
  const held = useResource("/today").data?.space.held;
  return html`
    <article class="card pine">
      <h2>${t("us.space_since", { day: formatInstantDay(space.since ?? "") })}</h2>
      ${own ? html`<p>${t("us.said_now", { name })}</p><p class="quote">${own.text}</p>` : html`<p>${t("us.quiet_now", { name })}</p>`}
      ${own && space.until && html`<p>${t("us.said_until", { day: formatLongDay(space.until) })}</p>`}
      <div class="buttons even">
        <${Button} icon="sun" onClick=${() => setOpen("end")}>${t("us.space_end")}<//>
        <${Button} icon="pencil" onClick=${() => setOpen("change")}>${t("common.change")}<//>
      </div>
    </article>
    <ul class="rows"><${RowLink} to="/us/held" icon="inbox" label=${t("us.held")} text=${held ? t("us.held_some") : t("us.held_none")} /></ul>
    ${space.dates.length > 0 && html`<${Section} title=${t("us.space_dates")}>
      <ul class="rows">${space.dates.map((upcoming) => html`<${Decided} key=${upcoming.date.id} upcoming=${upcoming} space=${space} name=${name} />`)}</ul>
    <//>`}
    ${open === "change" && html`<${ChangeDialog} space=${space} name=${name} onClose=${() => setOpen("")} />`}
    ${open === "end" && html`<${Confirm} title=${t("us.end_title")} text=${t("us.end_text")} yes=${t("us.space_end")} busy=${end.busy}
      onYes=${() => end.run()} onClose=${() => setOpen("")}>
      ${own && html`<p class="noticed"><${Icon} name="eye" /><span>${t("us.end_said", { name })}</span></p>`}
      <${ActionError} error=${end.error} />
    <//>`}`;
}

/** @param {{space: Schemas["Space"], name: string, onClose: () => void}} props */
function ChangeDialog({ space, name, onClose }) {
  const [kind, setKind] = useState(/** @type {Kind} */ ({ kind: space.kind, sentence: space.sentence, until: space.until ?? "" }));
  const save = useAction(async () => {
    await request("PUT", "/me/space", { body: { ...bodyOfKind(kind), dates: [] } });
    onClose();
    say(t("common.saved"));
    await refreshShown();
  });
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    save.run();
  };
  return html`<${Dialog} title=${t("us.space_change")} onClose=${onClose}><form onSubmit=${submit}>
    <${KindFields} space=${space} kind=${kind} onChange=${setKind} name=${name} error=${save.error} />
    <${ActionError} error=${save.error} besides=${["sentence", "until"]} />
    <p class="noticed"><${Icon} name="eye" /><span>${t("us.change_seen", { name })}</span></p>
    <${Button} type="submit" kind="primary" busy=${save.busy} disabled=${save.busy || isTooSoon(space, kind)}>${t("common.save")}<//>
  </form><//>`;
}

/** A date with its decision, which can change. @param {{upcoming: Schemas["UpcomingDate"], space: Schemas["Space"], name: string}} props */
function Decided({ upcoming, space, name }) {
  const [decision, setDecision] = useState(/** @type {Decision | null} */ (null));
  const save = useAction(async (/** @type {Decision} */ decided) => {
    const kind = { kind: space.kind, sentence: space.sentence, until: space.until ?? "" };
    await request("PUT", "/me/space", { body: { ...bodyOfKind(kind), dates: [bodyOf(upcoming.date.id, decided)] } });
    setDecision(null);
    say(t("common.saved"));
    await refreshShown();
  });
  return html`<li>
    <div class="row">
      <span><b>${upcoming.date.activity.title}</b><small>${decisionText(upcoming, name)}</small></span>
      <${Button} aria-label=${t("us.change_date", { title: upcoming.date.activity.title })}
        onClick=${() => setDecision({ ...UNDECIDED, going: upcoming.going })}>${t("common.change")}<//>
    </div>
    ${decision && html`<${Dialog} title=${t("us.space_dates")} onClose=${() => setDecision(null)}>
      <${DecisionFields} upcoming=${upcoming} decision=${decision} onChange=${setDecision} name=${name} error=${fieldError(save.error, "dates.0")} />
      <${ActionError} error=${save.error} besides=${["dates.0.off_at"]} />
      <${Button} kind="primary" busy=${save.busy} onClick=${() => save.run(decision)}>${t("common.save")}<//>
    <//>`}
  </li>`;
}

/** @param {{space: Schemas["Space"], name: string}} props */
function Offers({ space, name }) {
  if (space.open_offers.length === 0) return null;
  return html`<${Section} title=${t("us.offers")}>
    <p class="hint">${t("us.offers_text")}</p>
    <ul class="rows">${space.open_offers.map((date) => html`<${DateRow} key=${date.id} date=${date} partner=${name} />`)}</ul>
  <//>`;
}

/** What space means, and who runs the server. @param {{space: Schemas["Space"]}} props */
function Terms({ space }) {
  const [first, rest] = [space.terms.slice(0, 3), space.terms.slice(3)];
  return html`<section class="card space-terms">
    <h2>${t("us.terms")}</h2>
    <ul>${first.map(({ key, text }) => html`<li key=${key}>${text}</li>`)}</ul>
    <details>
      <summary>${t("us.terms_more")}</summary>
      <ul>${rest.map(({ key, text }) => html`<li key=${key}>${text}</li>`)}</ul>
      <p class="hint">${operatorText(space.operator)} ${space.operator.can_see}</p>
    </details>
  </section>`;
}
