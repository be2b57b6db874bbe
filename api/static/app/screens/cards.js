// Cards for the table: one big question at a time. All cards of the evening load at once, so it goes on without a network.
import { t } from "../i18n.js";
import { Button, Icon } from "../parts/controls.js";
import { Empty, Loaded, Page, Skeleton } from "../parts/page.js";
import { refresh, useResource } from "../resources.js";
import { Link, navigate, query } from "../router.js";
import { html, useEffect, useRef } from "../vendor/preact/preact-11.2.0.js";

// More cards than there are.
const ALL = 100;

/** Show a card of an evening. The address holds both from the second card on, so a reload shows the same card. @param {string} evening @param {number} number */
const show = (evening, number) => navigate(`/notes/cards?evening=${evening}&card=${number}`, { replace: true });

export default function Cards() {
  const day = useResource("/today").data?.day;
  // An evening may go on after midnight.
  const begun = useRef(day);
  begun.current ??= day;
  const evening = query.value.get("evening") ?? begun.current;
  return html`<${Page} title=${t("questions.cards")} back="/notes" class="table-page">
    ${evening ? html`<${Evening} key=${evening} evening=${evening} />` : html`<${Skeleton} />`}
  <//>`;
}

/** @param {{evening: string}} props */
function Evening({ evening }) {
  const path = /** @type {const} */ (`/prompts/cards?limit=${ALL}&seed=${encodeURIComponent(evening)}`);
  const cards = useResource(path);
  return html`<${Loaded} resource=${cards} retry=${() => refresh(path)}>
    ${(/** @type {Schemas["PromptPage"]} */ { items }) => html`<${Table} evening=${evening} cards=${items} />`}
  <//>`;
}

/** @param {{evening: string, cards: Schemas["Prompt"][]}} props */
function Table({ evening, cards }) {
  const number = Math.max(1, Math.trunc(Number(query.value.get("card"))) || 1);
  const last = cards.length + 1; // after all cards comes the end
  const turn = (/** @type {number} */ steps) => show(evening, Math.min(last, Math.max(1, number + steps)));
  useEffect(() => {
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      const ahead = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
      if (event.key === ahead) turn(1);
      else if (event.key === "ArrowLeft" || event.key === "ArrowRight") turn(-1);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
  if (cards.length === 0) {
    return html`<${Empty} art="notes" title=${t("questions.cards_none")}>
      <p>${t("questions.cards_none_text")}</p>
      <${Link} to="/notes/questions" class="button">${t("questions.title")}<//>
    <//>`;
  }
  const card = cards[number - 1];
  // No total: beside another phone, it would tell of a lower pace.
  return html`
    <div class="table-card card pine" aria-live="polite">
      ${card ? html`<p class="big-question" key=${card.id}>${card.text}</p>
          ${card.follow_up && html`<p class="follow-up">${card.follow_up}</p>`}`
        : html`<p class="big-question">${t("questions.cards_end")}</p>`}
    </div>
    <div class="table-buttons">
      <${Button} icon="arrow-left" disabled=${number === 1} onClick=${() => turn(-1)}>${t("questions.before")}<//>
      ${card ? html`<${Button} kind="primary" onClick=${() => turn(1)}>${t("questions.next")}<//>`
        : html`<${Button} kind="primary" icon="refresh-cw" onClick=${() => show(`${evening}.`, 1)}>${t("questions.shuffle")}<//>`}
    </div>
    <p class="hint with-icon"><${Icon} name="info" /><span>${t("questions.cards_lead")}</span></p>`;
}
