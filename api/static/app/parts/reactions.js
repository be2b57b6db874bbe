// Reactions to a note: its receiver answers with one tap, changes it or takes it back. Its author reads it.
import { t } from "../i18n.js";
import { outbox, send } from "../outbox.js";
import { change, refresh, useResource } from "../resources.js";
import { html, useRef } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Icon, useAction } from "./controls.js";

/** @typedef {Schemas["ReactionName"]} Reaction */

/** Return a function that gives the sentence of a reaction. @returns {(reaction: string) => string} */
function useSentences() {
  const sentences = useResource("/catalogue").data?.reactions ?? [];
  return (reaction) => sentences.find((each) => each.value === reaction)?.label ?? "";
}

/** Return the viewer's reaction, also one that still waits to be sent. @param {Schemas["Note"]} note */
function reactionTo(note) {
  const waiting = outbox.value.findLast((each) => each.state === "waiting" && each.path === `/notes/${note.id}/reaction`);
  if (!waiting) return note.reaction;
  return waiting.method === "DELETE" ? null : waiting.body.reaction;
}

/** The reactions that a received note offers. A tap on the current one takes it back.
 * @param {{note: Schemas["Note"], name: string}} props */
export function ReactionButtons({ note, name }) {
  const sentence = useSentences();
  const path = `/notes/${note.id}`;
  // The last tap wins, also while an earlier one is on its way.
  const tapped = useRef(/** @type {Reaction | null} */ (null));
  const act = useAction(async () => {
    try {
      for (let sent; sent !== tapped.current; ) {
        sent = tapped.current;
        await (sent ? send("reaction", "PUT", `${path}/reaction`, { reaction: sent }) : send("reaction", "DELETE", `${path}/reaction`));
      }
    } catch (error) {
      refresh(path);
      throw error;
    }
  });
  const current = act.busy ? tapped.current : reactionTo(note);
  /** @param {Reaction} reaction */
  const tap = (reaction) => {
    tapped.current = reaction === current ? null : reaction;
    change(path, (shown) => ({ ...shown, reaction: tapped.current }));
    act.run();
  };
  const offered = note.reactions_offered.length > 0 ? note.reactions_offered : current ? [current] : [];
  if (offered.length === 0) return null;
  const isNews = note.kind === "good_news";
  return html`<section class="section reactions">
    <h2>${isNews ? t("reactions.ask_news") : t("reactions.ask")}</h2>
    <div class="reaction-buttons" role="group" aria-label=${isNews ? t("reactions.ask_news") : t("reactions.ask")}>
      ${offered.map(
        (reaction) => html`<button key=${reaction} type="button" class="reaction-button" aria-pressed=${reaction === current}
            onClick=${() => tap(reaction)}>
          ${reaction === current && html`<${Icon} name="check" />`}<span>${sentence(reaction)}</span>
        </button>`,
      )}
    </div>
    <${ActionError} error=${act.error} />
    <p class="hint">${current && isNews ? t("reactions.talk") : t("reactions.quiet", { name })}</p>
  </section>`;
}

/** What the partner answered to an own note. @param {{note: Schemas["Note"], name: string}} props */
export function ReactionLine({ note, name }) {
  const sentence = useSentences();
  return note.mine && note.reaction && html`<p class="reaction-line with-icon"><${Icon} name="heart" />
    <span><span class="hidden">${name}: </span>${sentence(note.reaction)}</span></p>`;
}
