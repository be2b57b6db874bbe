// Votes on ideas: what a person thinks of one, shown at once and sent when the server can be reached.
import { Refusal } from "../api.js";
import { t } from "../i18n.js";
import { outbox, send } from "../outbox.js";
import { change, refresh } from "../resources.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Icon } from "./controls.js";

/** @typedef {Schemas["VoteValue"] | null} Vote */

/** From the start to the end of the line: so the swipe, the keys and the buttons agree. */
export const VOTES = /** @type {const} */ (["never", "pass", "like"]);
export const VOTE_ICONS = /** @type {const} */ ({ never: "ban", pass: "x", like: "heart" });

/** @param {string} id */
const pathOf = (id) => `/activities/${id}/vote`;

/** Return the viewer's vote, also one that still waits to be sent. @param {Schemas["Activity"]} activity @returns {Vote} */
export function voteOf(activity) {
  const waiting = outbox.value.findLast((each) => each.state === "waiting" && each.path === pathOf(activity.id));
  if (waiting) return waiting.method === "DELETE" ? null : waiting.body.vote;
  return activity.vote;
}

/** The last request about each activity, so that a vote and its undo arrive in this order. @type {Map<string, Promise<unknown>>} */
const running = new Map();

/** Vote, or take the vote back with null. Throws Refusal. @param {string} id of the activity @param {Vote} vote */
export async function castVote(id, vote) {
  change(`/activities/${id}`, (activity) => ({ ...activity, vote }));
  const before = running.get(id)?.catch(() => null);
  const sending = Promise.resolve(before).then(() => (vote ? send("vote", "PUT", pathOf(id), { vote }) : send("vote", "DELETE", pathOf(id))));
  running.set(id, sending);
  try {
    await sending;
  } catch (error) {
    refresh(`/activities/${id}`);
    throw error;
  }
}

/**
 * A way to vote. Unlike other actions, a second one may begin before the first has ended: a quick person is not held up.
 * @template {any[]} A
 * @param {(...values: A) => Promise<unknown>} act
 */
export function useVoting(act) {
  const [error, setError] = useState(/** @type {Error | null} */ (null));
  /** @param {A} values */
  const run = async (...values) => {
    setError(null);
    try {
      await act(...values);
    } catch (caught) {
      if (!(caught instanceof Refusal)) throw caught;
      setError(caught);
    }
  };
  return { run, error };
}

/** The three votes on an activity; pressing the current one takes it back. @param {{activity: Schemas["Activity"]}} props */
export function VoteButtons({ activity }) {
  const current = voteOf(activity);
  const voting = useVoting((/** @type {Vote} */ vote) => castVote(activity.id, vote));
  return html`<div class="vote-buttons" role="group" aria-label=${t("activity.vote")}>
      ${VOTES.map(
        (vote) => html`<${VoteButton} key=${vote} vote=${vote} pressed=${vote === current}
          onClick=${() => voting.run(vote === current ? null : vote)} />`,
      )}
    </div>
    <${ActionError} error=${voting.error} />`;
}

/** @param {{vote: "never" | "pass" | "like", pressed: boolean, onClick: () => void}} props */
export function VoteButton({ vote, pressed, onClick }) {
  return html`<button type="button" class="vote-button ${vote}" aria-pressed=${pressed} onClick=${onClick}>
    <${Icon} name=${VOTE_ICONS[vote]} /><span>${t(`ideas.${vote}`)}</span>
  </button>`;
}

/** What votes do and who sees them, folded. @param {{partner: string}} props `partner` is "" for a person alone */
export function VoteExplanation({ partner }) {
  const params = { name: partner };
  return html`<details class="votes-do">
    <summary>${t("ideas.vote_short")} <span>${t("ideas.votes_do")}</span></summary>
    <ul>
      <li>${partner ? t("ideas.vote_like_text", params) : t("ideas.vote_like_text_alone")}</li>
      <li>${t("ideas.vote_pass_text")}</li>
      <li>${partner ? t("ideas.vote_never_text", params) : t("ideas.vote_never_text_alone")}</li>
      ${partner && html`<li>${t("ideas.vote_secret", params)}</li>`}
    </ul>
  </details>`;
}
