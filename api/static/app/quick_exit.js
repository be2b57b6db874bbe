// The quick exit: it empties the screen at once, and this tab stays empty when the browser goes back or forward.

const LEFT = "rekindle-left";
const ESCAPES = 3;
const MILLISECONDS = 1500;

/** Leave at once: empty the screen and replace the page. What was typed and not saved is lost. */
export function leaveAtOnce() {
  sessionStorage.setItem(LEFT, "yes");
  showNothing();
}

function showNothing() {
  document.title = "";
  document.body.replaceChildren();
  // The other pages of this tab are still in its history; `isLeft` keeps them empty.
  location.replace("about:blank");
}

/**
 * Watch for Escape pressed three times, and for pages that the browser shows again after a quick exit.
 * Returns whether this page must stay empty. A new visit or a reload is the person's wish, and shows the client again.
 */
export function startQuickExit() {
  watchEscapes();
  // Browsers may show a page as it was, without running its scripts from the start.
  addEventListener("pageshow", (event) => event.persisted && sessionStorage.getItem(LEFT) && showNothing());
  const navigation = /** @type {PerformanceNavigationTiming | undefined} */ (performance.getEntriesByType("navigation")[0]);
  const isLeft = Boolean(sessionStorage.getItem(LEFT)) && navigation?.type === "back_forward";
  if (isLeft) showNothing();
  else sessionStorage.removeItem(LEFT);
  return isLeft;
}

function watchEscapes() {
  /** @type {number[]} */
  let times = [];
  const count = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") times = [];
    else if (!event.repeat) times = [...times, event.timeStamp].slice(-ESCAPES);
    const [first = 0] = times;
    if (times.length === ESCAPES && event.timeStamp - first < MILLISECONDS) leaveAtOnce();
  };
  addEventListener("keydown", count, true);
}
