// Ideas: one card at a time to like, pass or never see again, with filters; and the ways to all other ideas.
import { formatDay, t } from "../i18n.js";
import { ActivityFacts, ActivityRow, CategoryPicture, FirstDay, Reasons } from "../parts/activity.js";
import { ActionError, Button, Icon } from "../parts/controls.js";
import { apiFilters, clearFilters, filterOf, IdeaFilters, isFiltered, setFilters } from "../parts/idea_filters.js";
import { cast, lookAgain, pileOf, timesOf, undoVote, voteOn } from "../parts/idea_pile.js";
import { Empty, Loaded, Page } from "../parts/page.js";
import { flyAway, likeSide, SwipeCard } from "../parts/swipe.js";
import { useVoting, VoteButton, VoteExplanation, voteOf, VOTES } from "../parts/vote.js";
import { refresh, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html, signal, useEffect, useRef, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {import("../parts/idea_pile.js").Card} Card */

/** Which page of the suggestions is shown, for the filters of the address. It stays when the person looks at one idea. */
const shown = signal({ query: "", page: 0 });

/** @param {string} limits @param {number} page */
function pathOf(limits, page) {
  const asked = [limits, page ? `page=${page}` : ""].filter(Boolean).join("&");
  return /** @type {keyof Answers} */ (asked ? `/suggestions?${asked}` : "/suggestions");
}

export default function Ideas() {
  const partner = useResource("/today").data?.couple?.partner ?? "";
  const actions = html`<${Link} to="/ideas/search" class="icon-button" aria-label=${t("ideas.search")}><${Icon} name="search" /><//>`;
  return html`<${Page} title=${t("ideas.title")} actions=${actions} class="ideas">
    <${IdeaFilters} withTimes names=${["cost_band", "setting", "children"]} more=${[
      "when", "minutes", "energy", "weather", "category", ...(partner ? ["for"] : []), "step_free",
    ]} />
    <${Ready} partner=${partner} />
  <//>`;
}

/** @param {{partner: string}} props */
function Ready({ partner }) {
  const limits = apiFilters();
  const page = shown.value.query === limits ? shown.value.page : 0;
  const path = pathOf(limits, page);
  const ideas = /** @type {import("../resources.js").Resource<Schemas["Suggestions"]>} */ (useResource(path));
  const deck = useResource("/deck").data?.items ?? [];
  const cards = pileOf(ideas.data?.items ?? [], deck, isFiltered());
  const following = ideas.data?.next_page;
  useEffect(() => {
    // The five are through: go on with the next.
    if (ideas.data && cards.length === 0 && following) shown.value = { query: limits, page: following };
  }, [cards.length === 0, following]);
  return html`<div class="ideas-layout">
    <div>
      <${Loaded} resource=${ideas} retry=${() => refresh(path)}>
        ${(/** @type {Schemas["Suggestions"]} */ data) => html`<${Pile} cards=${cards} ideas=${data} partner=${partner} />`}
      <//>
    </div>
    <${Beside} cards=${cards.slice(1, 6)} />
  </div>`;
}

/** @param {{cards: Card[], ideas: Schemas["Suggestions"], partner: string}} props */
function Pile({ cards, ideas, partner }) {
  const pile = useRef(/** @type {HTMLElement | null} */ (null));
  const air = useRef(/** @type {HTMLElement | null} */ (null));
  const [news, setNews] = useState("");
  const top = cards[0];
  const voting = useVoting(voteOn);
  const undoing = useVoting(async () => {
    const last = cast.value.at(-1);
    if (last) setNews(t("ideas.voted_back", { title: last.card.activity.title }));
    await undoVote();
  });
  /** @param {"like" | "pass" | "never"} vote @param {HTMLElement | null} [card] */
  const vote = (vote, card = pile.current?.querySelector(".swipe-card.on-top")) => {
    if (!top) return;
    if (card) flyAway(card, air.current, vote);
    if (card?.contains(document.activeElement)) focus(".pile-cards");
    setNews(t(`ideas.voted_${vote}`, { title: top.activity.title }));
    voting.run(top, vote);
  };
  useKeys(pile, vote, undoing.run);
  /** Keep the focus in the pile when what had it goes away. @param {string} selector */
  const focus = (selector) => /** @type {HTMLElement | null | undefined} */ (pile.current?.querySelector(selector))?.focus({ preventScroll: true });
  useEffect(() => {
    if (!top && document.activeElement === document.body) focus(".empty .button");
  }, [!top]);
  const last = cast.value.at(-1);
  return html`<div class="pile" ref=${pile}>
    ${top
      ? html`<div class="pile-cards" tabindex="0" role="group" aria-label=${t("ideas.pile")}>
            ${cards.slice(0, 2).map((card, index) => html`<${IdeaCard} key=${card.activity.id} card=${card} isTop=${index === 0} onVote=${vote} />`)}
            <div class="air" ref=${air} aria-hidden="true" inert></div>
          </div>
          <div class="vote-buttons" role="group" aria-label=${t("activity.vote")}>
            ${VOTES.map((each) => html`<${VoteButton} key=${each} vote=${each} pressed=${voteOf(top.activity) === each} onClick=${() => vote(each)} />`)}
          </div>`
      : html`<${NoCard} ideas=${ideas} />`}
    <div class="after-vote">
      <p role="status">${news}${news && top && html`<span class="hidden"> ${t("ideas.next")}: ${top.activity.title}</span>`}</p>
      ${last && html`<${Button} kind="quiet" icon="undo-2" aria-label=${t("ideas.undo")} onClick=${undoing.run}>${t("common.undo")}<//>`}
    </div>
    <${ActionError} error=${voting.error ?? undoing.error} />
    ${top && ideas.spaced && html`<p class="hint">${t("ideas.spaced", { day: formatDay(ideas.day) })}</p>`}
    ${top && ideas.relax.length > 0 && html`<div class="card"><p>${t("ideas.narrow_few")}</p><${Relax} relax=${ideas.relax} /></div>`}
    <${VoteExplanation} partner=${partner} />
    ${top && html`<div class="hint">${!news && html`<p class="swipe-hint">${t("ideas.swipe")}</p>`}<p class="keys">${t("ideas.keys")}</p></div>`}
  </div>`;
}

/**
 * Vote by keys. Letters and the down arrow count only in the pile: elsewhere they scroll, or belong to a screen reader.
 * @param {{current: HTMLElement | null}} pile @param {(vote: "like" | "pass" | "never") => void} vote @param {() => void} undo
 */
function useKeys(pile, vote, undo) {
  const act = useRef({ vote, undo });
  act.current = { vote, undo };
  useEffect(() => {
    /** @param {KeyboardEvent} event */
    const press = (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (event.altKey || event.shiftKey || event.repeat || document.querySelector("dialog[open]")) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const isInPile = pile.current?.contains(target) ?? false;
      const isCommand = event.ctrlKey || event.metaKey;
      if (!isInPile && !target.matches("body, h1, main")) return;
      const like = likeSide() > 0 ? "ArrowRight" : "ArrowLeft";
      if (isCommand ? key === "z" : isInPile && key === "u") act.current.undo();
      else if (isCommand) return;
      else if (key === "ArrowRight" || key === "ArrowLeft") act.current.vote(key === like ? "like" : "pass");
      else if (isInPile && (key === "ArrowDown" || key === "n")) act.current.vote("never");
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

/** @param {{card: Card, isTop: boolean, onVote: any}} props */
function IdeaCard({ card, isTop, onVote }) {
  const { activity, reasons, slots, first_day: firstDay } = card;
  return html`<${SwipeCard} isTop=${isTop} onVote=${onVote} label=${activity.title}>
    <${CategoryPicture} category=${activity.category} />
    <div class="swipe-text">
      <h2><${Link} to="/activities/${activity.id}" draggable=${false}>${activity.title}<//></h2>
      <p>${activity.summary}</p>
      <${ActivityFacts} activity=${activity} />
      ${slots.length > 0
        ? html`<p class="fits with-icon"><${Icon} name="calendar" />${timesOf(slots)}</p>`
        : html`<${FirstDay} day=${firstDay} />`}
      <${Reasons} reasons=${reasons} />
    </div>
    <${Link} to=${proposalOf(card)} class="button primary wide" draggable=${false}><${Icon} name="calendar-plus" />${t("activity.plan")}<//>
  <//>`;
}

/** Return the screen that proposes a card, with the times that fit. @param {Card} card */
function proposalOf({ activity, slots }) {
  const asked = [slots.length > 0 && `at=${slots.map((slot) => slot.local_time).join(",")}`, filterOf("for") === "one" && "for=one"].filter(Boolean);
  return `/propose/${activity.id}${asked.length > 0 ? `?${asked.join("&")}` : ""}`;
}

/** What the pile shows at its end, or when nothing fits. @param {{ideas: Schemas["Suggestions"]}} props */
function NoCard({ ideas }) {
  const liked = cast.value.filter((each) => each.vote === "like");
  if (ideas.items.length > 0 || cast.value.length > 0) {
    return html`<${Empty} art="ideas" title=${t("ideas.all_seen")}>
        <p>${liked.length > 0 ? t("ideas.all_seen_liked", { count: liked.length }) : t("ideas.all_seen_text")}</p>
        <${Button} icon="rotate-cw" onClick=${() => { lookAgain(true); shown.value = { query: "", page: 0 }; }}>${t("ideas.again")}<//>
      <//>
      ${liked.length > 0 && html`<ul class="rows">${liked.map(({ card }) => html`<${ActivityRow} key=${card.activity.id} activity=${card.activity} />`)}</ul>`}
      ${ideas.relax.length > 0 && html`<div class="card"><p>${t("ideas.narrow_few")}</p><${Relax} relax=${ideas.relax} /></div>`}`;
  }
  const isNarrow = ideas.relax.length > 0;
  return html`<${Empty} art="no-ideas" title=${isNarrow ? t("ideas.narrow") : t("ideas.none")}>
    <p>${isNarrow ? t("ideas.narrow_text") : t("ideas.none_text")}</p>
    ${isNarrow && html`<${Relax} relax=${ideas.relax} />`}
    ${isFiltered() && html`<${Button} kind="quiet" onClick=${clearFilters}>${t("ideas.clear")}<//>`}
  <//>`;
}

/** Which limit to let go of. One that is in the profile leads there. @param {{relax: Schemas["RelaxableLimit"][]}} props */
function Relax({ relax }) {
  // Each of these lets go of the day. The preparation says more than the day, if both have the same effect.
  const onTime = relax.filter(({ limit }) => ["day", "lead_days", "window"].includes(limit));
  const best = onTime.find(({ limit, matching }) => limit === "lead_days" && matching === onTime[0]?.matching) ?? onTime[0];
  return html`<div class="buttons relax">
      ${relax.filter((each) => each === best || !onTime.includes(each)).map(({ limit, matching }) => {
        if (limit === "pace") return html`<${Link} key=${limit} class="button" to="/us/pace">${t("ideas.relax", { limit: t("ideas.relax_pace"), count: matching })}<//>`;
        const name = limit === "window" || limit === "day" || limit === "lead_days" ? "when" : limit;
        const text = (/** @type {string} */ label) => t("ideas.relax", { limit: label, count: matching });
        if (limit === "children") return html`<${Button} key=${limit} onClick=${() => setFilters({ children: "none" })}>${text(t("ideas.relax_children"))}<//>`;
        if (filterOf(name)) return html`<${Button} key=${limit} onClick=${() => setFilters({ [name]: "" })}>${text(t(`ideas.relax_${limit}`))}<//>`;
        return html`<${Link} key=${limit} class="button" to="/me/profile">${text(t("ideas.relax_profile", { limit: t(`ideas.relax_${limit}`) }))}<//>`;
      })}
    </div>
    <p class="hint">${t("ideas.relax_hint")}</p>`;
}

/** The next cards, on a wide screen, and the ways to other ideas. @param {{cards: Card[]}} props */
function Beside({ cards }) {
  const matches = useResource("/matches").data?.items.length ?? 0;
  const partner = useResource("/today").data?.couple?.partner;
  const someday = useResource(partner ? "/someday-list" : null).data?.items.length ?? 0;
  /** @param {string} to @param {string} icon @param {string} text */
  const way = (to, icon, text) => html`<li><${Link} class="row" to=${to}><${Icon} name=${icon} /><span>${text}</span><${Icon} name="chevron-right" class="ahead" /><//></li>`;
  return html`<aside class="ideas-beside">
    ${cards.length > 0 && html`<section class="section up-next"><h2>${t("ideas.next")}</h2>
      <ul class="rows">${cards.map(({ activity }) => html`<${ActivityRow} key=${activity.id} activity=${activity} />`)}</ul></section>`}
    <ul class="rows">
      ${way("/ideas/matches", "sparkles", matches ? t("ideas.both_curious", { count: matches }) : t("ideas.matches"))}
      ${partner && way("/ideas/someday", "bookmark", someday ? t("someday.count", { count: someday }) : t("someday.title"))}
      ${way("/ideas/search?vote=like", "heart", t("ideas.likes"))}
      ${way("/ideas/own", "pencil", t("ideas.own"))}
      ${way("/ideas/search", "search", t("ideas.search"))}
    </ul>
  </aside>`;
}
