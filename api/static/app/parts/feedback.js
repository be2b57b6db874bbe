// How a date was: a feeling and a rating, which only the person who gives them ever sees.
import { t } from "../i18n.js";
import { outbox, send } from "../outbox.js";
import { change, useResource } from "../resources.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Button, Choice, Icon, useAction } from "./controls.js";
import { say } from "./dialog.js";
import { Notice, Section } from "./page.js";

const RATINGS = [1, 2, 3, 4, 5];
/** @type {Record<Schemas["Feeling"], string>} */
const ICONS = { lighter: "smile", same: "meh", heavier: "frown" };

/** @param {{date: Schemas["PlannedDate"]}} props */
export function FeedbackForm({ date }) {
  const path = `/dates/${date.id}/feedback`;
  const feelings = useResource("/catalogue").data?.feelings ?? [];
  const waiting = outbox.value.find((each) => each.path === path && each.state === "waiting")?.body;
  const noted = waiting ?? date.feedback;
  const [feeling, setFeeling] = useState(/** @type {Schemas["Feeling"] | null} */ (noted?.feeling ?? null));
  const [rating, setRating] = useState(/** @type {number | null} */ (noted?.rating ?? null));
  const save = useAction(async () => {
    const saved = await send("feedback", "PUT", path, { feeling, rating });
    if (saved) change(`/dates/${date.id}`, (shown) => ({ ...shown, feedback: saved }));
    say(saved ? t("common.saved") : t("dates.waits"));
  });
  const isChanged = feeling !== (noted?.feeling ?? null) || rating !== (noted?.rating ?? null);
  return html`<${Section} title=${t("dates.feedback")} class="feedback">
    <${Choice} label=${t("dates.feeling")} value=${feeling} onChange=${setFeeling}
      options=${feelings.map(({ value, label }) => ({ value, label, icon: ICONS[/** @type {Schemas["Feeling"]} */ (value)] }))} />
    <${Choice} label=${t("dates.rating")} value=${rating} onChange=${setRating}
      options=${RATINGS.map((value) => ({ value, label: t("dates.rating_of", { value }) }))} />
    <p class="hint">${t("dates.rating_hint")}</p>
    <${ActionError} error=${save.error} />
    ${waiting && html`<${Notice} icon="clock">${t("dates.waits")}<//>`}
    ${feeling && isChanged && html`<${Button} kind="primary" icon="check" busy=${save.busy} onClick=${save.run}>${t("common.save")}<//>`}
    <p class="seen"><${Icon} name="lock" />${t("dates.only_you")}</p>
  <//>`;
}
