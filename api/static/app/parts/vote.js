// Votes on ideas: what a person thinks of one, shown at once and sent when the server can be reached.
import { t } from "../i18n.js";
import { outbox, send } from "../outbox.js";
import { change, refresh } from "../resources.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Icon, useAction } from "./controls.js";

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

/** Vote, or take the vote back with null. Throws Refusal. @param {string} id of the activity @param {Vote} vote */
export async function castVote(id, vote) {
  change(`/activities/${id}`, (activity) => ({ ...activity, vote }));
  try {
    if (vote) await send("vote", "PUT", pathOf(id), { vote });
    else await send("vote", "DELETE", pathOf(id));
  } catch (error) {
    refresh(`/activities/${id}`);
    throw error;
  }
}

/** The three votes on an activity; pressing the current one takes it back. @param {{activity: Schemas["Activity"]}} props */
export function VoteButtons({ activity }) {
  const current = voteOf(activity);
  const voting = useAction((/** @type {Vote} */ vote) => castVote(activity.id, vote));
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
