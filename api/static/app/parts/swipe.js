// A card that follows the finger, and goes away to the side of a vote.
//
// While it is dragged, only `transform` and `opacity` change, and nothing reads the layout: so it stays smooth.
import { t } from "../i18n.js";
import { html, useRef } from "../vendor/preact/preact-11.2.0.js";
import { Icon } from "./controls.js";
import { VOTE_ICONS } from "./vote.js";

/** Pixels before a touch is a swipe; before that it may be a tap or a scroll. */
const START = 8;
/** Parts of the card's width after which letting go votes. A "never" needs a long way, so that it does not happen by mistake. */
const FAR = 0.33;
const VERY_FAR = 0.78;
/** Pixels in a millisecond: a quick flick votes before the card is far. */
const FLICK = 0.5;
const FLICK_START = 28;
/** Milliseconds of the last moves from which the speed is computed. */
const RECENT = 100;

/** @typedef {"like" | "pass" | "never"} Swiped */
/** @typedef {{id: number, x: number, y: number, width: number, side: number, dx: number, active: boolean, last: {at: number, x: number}[]}} Drag */

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Return 1 where a like is to the right, and -1 in a right-to-left language. */
export const likeSide = () => (document.documentElement.dir === "rtl" ? -1 : 1);

/** Return the vote of a card that was let go there, or null. @param {Drag} drag @returns {Swiped | null} */
function voteAt({ dx, width, side }) {
  const way = (dx * side) / width;
  if (way <= -VERY_FAR) return "never";
  return way <= -FAR ? "pass" : way >= FAR ? "like" : null;
}

/** Return the vote of a quick flick, or null. @param {Drag} drag @returns {Swiped | null} */
function voteOfFlick({ dx, side, last }) {
  const [first, final] = [last[0], last.at(-1)];
  if (!first || !final || final.at === first.at || Math.abs(dx) < FLICK_START) return null;
  const speed = (final.x - first.x) / (final.at - first.at);
  if (Math.abs(speed) < FLICK || Math.sign(speed) !== Math.sign(dx)) return null;
  return dx * side > 0 ? "like" : "pass";
}

/** Let a copy of the card fly to the side of its vote. The card itself can make room at once.
 * @param {HTMLElement} card @param {HTMLElement | null} air where the copy flies @param {Swiped} vote */
export function flyAway(card, air, vote) {
  if (!air || isCalm()) return;
  const copy = /** @type {HTMLElement} */ (card.cloneNode(true));
  copy.classList.remove("on-top");
  air.append(copy);
  const from = card.style.transform || "none";
  const way = likeSide() * (vote === "like" ? 1 : -1);
  const to = `translate3d(${way * 120}%, ${vote === "never" ? 12 : 0}%, 0) rotate(${way * 10}deg)`;
  copy.animate([{ transform: from }, { transform: to, opacity: 0 }], { duration: 260, easing: "ease-out" }).onfinish = () => copy.remove();
}

/**
 * A card that can be swiped. Only the top one of a pile reacts.
 * @param {{isTop: boolean, onVote: (vote: Swiped, card: HTMLElement) => void, label: string, children?: any}} props
 */
export function SwipeCard({ isTop, onVote, label, children }) {
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  const drag = useRef(/** @type {Drag | null} */ (null));
  const wasDragged = useRef(false);

  /** @param {Drag} current */
  const paint = (current) => {
    const card = element.current;
    if (!card) return;
    card.style.transform = `translate3d(${current.dx}px, 0, 0)${isCalm() ? "" : ` rotate(${(current.dx / current.width) * 7}deg)`}`;
    const shown = voteAt(current) ?? (current.dx * current.side > 0 ? "like" : "pass");
    const strength = Math.min(1, (2 * Math.abs(current.dx)) / (current.width * FAR));
    for (const stamp of card.querySelectorAll(":scope > .stamp")) {
      /** @type {HTMLElement} */ (stamp).style.opacity = stamp.classList.contains(shown) ? String(strength) : "0";
    }
  };
  const settle = () => {
    const card = element.current;
    drag.current = null;
    if (!card) return;
    card.classList.remove("dragged");
    if (card.style.transform && !isCalm()) card.animate([{ transform: card.style.transform }, { transform: "none" }], { duration: 240, easing: "cubic-bezier(0.2, 0.9, 0.3, 1.15)" });
    card.style.transform = "";
    for (const stamp of card.querySelectorAll(":scope > .stamp")) /** @type {HTMLElement} */ (stamp).style.opacity = "0";
  };

  /** @param {PointerEvent} event */
  const begin = (event) => {
    wasDragged.current = false;
    if (!isTop || !event.isPrimary || event.button !== 0 || !element.current) return;
    const { clientX: x, clientY: y, pointerId: id } = event;
    drag.current = { id, x, y, width: element.current.offsetWidth, side: likeSide(), dx: 0, active: false, last: [] };
  };
  /** @param {PointerEvent} event */
  const move = (event) => {
    const current = drag.current;
    if (!current || current.id !== event.pointerId) return;
    current.dx = event.clientX - current.x;
    if (!current.active) {
      if (Math.abs(event.clientY - current.y) > Math.abs(current.dx) + START) drag.current = null;
      if (Math.abs(current.dx) < START || !drag.current) return;
      current.active = wasDragged.current = true;
      element.current?.setPointerCapture(current.id);
      element.current?.classList.add("dragged");
    }
    current.last = [...current.last.filter((each) => event.timeStamp - each.at < RECENT), { at: event.timeStamp, x: event.clientX }];
    paint(current);
  };
  /** @param {PointerEvent} event */
  const end = (event) => {
    const current = drag.current;
    if (!current || current.id !== event.pointerId) return;
    const vote = current.active ? (voteAt(current) ?? voteOfFlick(current)) : null;
    if (vote && element.current) {
      const card = element.current;
      drag.current = null;
      onVote(vote, card);
    } else settle();
  };
  /** @param {Event} event a drag that ends on the link is no click */
  const ignoreClick = (event) => {
    if (!wasDragged.current) return;
    event.preventDefault();
    event.stopPropagation();
    wasDragged.current = false;
  };

  return html`<article
    ref=${element}
    class="card swipe-card ${isTop ? "on-top" : "below"}"
    aria-label=${label}
    inert=${!isTop}
    aria-hidden=${isTop ? undefined : "true"}
    onPointerDown=${begin}
    onPointerMove=${move}
    onPointerUp=${end}
    onPointerCancel=${settle}
    onClickCapture=${ignoreClick}
    onDragStart=${(/** @type {Event} */ event) => event.preventDefault()}
  >
    ${children}
    ${/** @type {const} */ (["like", "pass", "never"]).map(
      (vote) => html`<span key=${vote} class="stamp ${vote}" aria-hidden="true"><${Icon} name=${VOTE_ICONS[vote]} />${t(`ideas.${vote}`)}</span>`,
    )}
  </article>`;
}
