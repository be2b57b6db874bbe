// What the screens of talks share: the step in large type with its time, a moment that comes, and a screen that stays awake.
import { serverNow } from "../api.js";
import { formatMinutes, t } from "../i18n.js";
import { html, useEffect, useState } from "../vendor/preact/preact-11.2.0.js";
import { Icon } from "./controls.js";

const SECOND = 1000;
/** A timer for longer would end at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Return whether a moment has come, and draw again when it does.
 * @param {number} at in milliseconds, by the clock of the server */
export function useHasCome(at) {
  const [hasCome, setCome] = useState(serverNow() >= at);
  useEffect(() => {
    const wait = at - serverNow();
    setCome(wait <= 0);
    if (!(wait <= LONGEST_TIMER)) return undefined;
    const timer = setTimeout(() => setCome(true), Math.max(0, wait));
    return () => clearTimeout(timer);
  }, [at]);
  return hasCome;
}

/**
 * One step in large type.
 * @param {{who: string, text: string, side?: string, isQuote?: boolean, place: string, children?: any}} props
 *   `who` speaks; `place` says how far the talk is; `side` is "me", "partner" or "both"
 */
export function StepCard({ who, text, side = "both", isQuote = false, place, children }) {
  // The time is outside of the part that is read out: a screen reader would read each second.
  return html`<div class="talk-step card ${side}">
    <div class="talk-turn" aria-live="polite">
      <p class="eyebrow"><span>${who}</span><span>${place}</span></p>
      <p class=${isQuote ? "talk-text quote" : "talk-text"}>${text}</p>
    </div>
    ${children}
  </div>`;
}

/** The time of a turn. It is advice: at its end it says so, without a sound.
 * @param {{beganAt: number, minutes: number}} props `beganAt` is in milliseconds, by the clock of the server */
export function TurnTime({ beganAt, minutes }) {
  const [now, setNow] = useState(serverNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), SECOND);
    return () => clearInterval(timer);
  }, []);
  const most = minutes * 60;
  const spent = Math.max(0, Math.floor((now - beganAt) / SECOND));
  const isUp = spent >= most;
  return html`<div class="turn-time">
    <progress max=${most} value=${Math.min(spent, most)} aria-label=${t("talks.time")}></progress>
    <p class="hint with-icon"><${Icon} name="clock" /><span role=${isUp ? "status" : undefined}>
      ${isUp ? t("talks.time_up") : t("talks.time_of", { spent: clockText(spent), most: formatMinutes(minutes) })}</span></p>
  </div>`;
}

/** Return seconds as "1:05". @param {number} seconds */
const clockText = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/** Keep the screen of this device on as long as `isNeeded`, where the browser can. @param {boolean} isNeeded */
export function useAwakeScreen(isNeeded) {
  useEffect(() => {
    if (!isNeeded) return undefined;
    /** @type {WakeLockSentinel | undefined} */
    let lock;
    let isOver = false;
    const hold = async () => {
      if (document.visibilityState !== "visible") return; // the browser ends the lock of a page that is hidden
      const fresh = await navigator.wakeLock?.request("screen").catch(() => undefined);
      if (isOver) fresh?.release();
      else lock = fresh;
    };
    hold();
    document.addEventListener("visibilitychange", hold);
    return () => {
      isOver = true;
      document.removeEventListener("visibilitychange", hold);
      lock?.release();
    };
  }, [isNeeded]);
}
