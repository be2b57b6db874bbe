// Cards for the table: five for tonight, one big question at a time. All cards load at once, so it goes on without a network.
import { t } from "../i18n.js";
import { Button, Choice, Icon } from "../parts/controls.js";
import { Empty, Loaded, Page, Skeleton } from "../parts/page.js";
import { refresh, useResource } from "../resources.js";
import { Link, navigate, query } from "../router.js";
import { html, useEffect, useRef } from "../vendor/preact/preact-11.2.0.js";

// More cards than there are.
const ALL = 100;
/** The cards of one hand. After each hand comes a pause. */
const HAND = 5;

/** Show a place of an evening. The address holds it from the second card on, so a reload shows the same card.
 * @param {Record<string, string | number>} changed */
function show(changed) {
  const params = new URLSearchParams(query.value);
  for (const [name, value] of Object.entries(changed)) {
    if (value) params.set(name, String(value));
    else params.delete(name);
  }
  navigate(`/notes/cards?${params}`, { replace: true });
}

export default function Cards() {
  const day = useResource("/today").data?.day;
  // An evening may go on after midnight.
  const begun = useRef(day);
  begun.current ??= day;
  const evening = query.value.get("evening") ?? begun.current;
  const [tone, pace] = ["tone", "pace"].map((name) => query.value.get(name) ?? "");
  return html`<${Page} title=${t("questions.cards")} back="/notes" class="table-page">
    ${evening ? html`<${Evening} key=${`${evening} ${tone} ${pace}`} evening=${evening} tone=${tone} pace=${pace} />` : html`<${Skeleton} />`}
  <//>`;
}

/** @param {{evening: string, tone: string, pace: string}} props */
function Evening({ evening, tone, pace }) {
  const chosen = `${tone && `&tone=${tone}`}${pace && `&pace=${pace}`}`;
  const path = /** @type {const} */ (`/prompts/cards?limit=${ALL}&seed=${encodeURIComponent(evening)}${chosen}`);
  const cards = useResource(path);
  return html`<${Loaded} resource=${cards} retry=${() => refresh(path)}>
    ${(/** @type {Schemas["PromptPage"]} */ { items }) => html`<${Table} evening=${evening} cards=${items} isChosen=${Boolean(chosen)} />
      ${(items.length > 0 || chosen) && html`<${Wishes} evening=${evening} tone=${tone} pace=${pace} />`}`}
  <//>`;
}

/** The tone of the cards, and how close they come. @param {{evening: string, tone: string, pace: string}} props */
function Wishes({ evening, tone, pace }) {
  const tones = useResource("/catalogue").data?.tones ?? [];
  // The last one names no pace: beside another phone, it would tell of a lower one.
  const depths = [
    { value: "2", label: t("questions.cards_depth_light") },
    { value: "3", label: t("questions.cards_depth_deeper") },
    { value: "", label: t("questions.cards_depth_any") },
  ];
  return html`
    <${Choice} label=${t("questions.cards_tone")} options=${[{ value: "", label: t("questions.cards_tone_any") }, ...tones]} value=${tone}
      onChange=${(/** @type {string} */ value) => show({ evening, tone: value, card: 1 })} />
    <${Choice} label=${t("questions.cards_depth")} options=${depths} value=${pace}
      onChange=${(/** @type {string} */ value) => show({ evening, pace: value, card: 1 })} />`;
}

/** @param {{evening: string, cards: Schemas["Prompt"][], isChosen: boolean}} props */
function Table({ evening, cards, isChosen }) {
  // Between two hands, and after all cards, there is a place without a card.
  const last = cards.length + Math.ceil(cards.length / HAND);
  const within = (/** @type {number} */ number) => Math.min(last, Math.max(1, Math.trunc(number) || 1));
  const place = within(Number(query.value.get("card")));
  const isPause = place % (HAND + 1) === 0 && place !== last;
  const card = place % (HAND + 1) === 0 ? undefined : cards[place - 1 - Math.floor(place / (HAND + 1))];
  // From the place of now: a key may come before the effect that listens for it has seen the last turn.
  const turn = (/** @type {number} */ steps) => show({ evening, card: within(within(Number(query.peek().get("card"))) + steps) });
  useEffect(() => {
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if (event.target instanceof HTMLInputElement) return; // an arrow key also moves in a choice
      const ahead = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
      if (event.key === ahead) turn(1);
      else if (event.key === "ArrowLeft" || event.key === "ArrowRight") turn(-1);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
  if (cards.length === 0) return html`<${NoCards} isChosen=${isChosen} />`;
  // No total: beside another phone, it would tell of a lower pace.
  return html`
    <div class="table-card card pine" aria-live="polite">
      ${card ? html`<p class="big-question" key=${card.id}>${card.text}</p>
          ${card.follow_up && html`<p class="follow-up">${card.follow_up}</p>`}`
        : html`<p class="big-question">${isPause ? t("questions.cards_enough") : t("questions.cards_end")}</p>`}
    </div>
    <div class="table-buttons">
      <${Button} icon="arrow-left" disabled=${place === 1} onClick=${() => turn(-1)}>${t("questions.before")}<//>
      ${card || isPause ? html`<${Button} kind="primary" onClick=${() => turn(1)}>${isPause ? t("questions.cards_more") : t("questions.next")}<//>`
        : html`<${Button} kind="primary" icon="refresh-cw" onClick=${() => show({ evening: `${evening}.`, card: 1 })}>${t("questions.shuffle")}<//>`}
    </div>
    <p class="hint with-icon"><${Icon} name="info" /><span>${t("questions.cards_lead")}</span></p>`;
}

/** @param {{isChosen: boolean}} props */
function NoCards({ isChosen }) {
  if (isChosen) return html`<${Empty} art="notes" title=${t("questions.cards_none_of")}><p>${t("questions.cards_none_of_text")}</p><//>`;
  return html`<${Empty} art="notes" title=${t("questions.cards_none")}>
    <p>${t("questions.cards_none_text")}</p>
    <${Link} to="/notes/questions" class="button">${t("questions.title")}<//>
  <//>`;
}
