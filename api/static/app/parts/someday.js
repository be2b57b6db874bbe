// The someday list of two people: whether an idea is on it, and the button that puts it there or takes it off.
import { request } from "../api.js";
import { t } from "../i18n.js";
import { change, refresh, useResource } from "../resources.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Button, useAction } from "./controls.js";
import { say } from "./dialog.js";

export const PATH = "/someday-list";

/** Change the list on the server, and show its answer. @param {"PUT" | "DELETE"} method @param {string} activity_id */
async function changeList(method, activity_id) {
  try {
    const { data } = await request(method, `${PATH}/${activity_id}`);
    change(PATH, () => data);
  } finally {
    refresh(PATH); // a list that was asked for before may arrive now, and after a refusal ours may be old
  }
}

/**
 * Put an activity on the list, or take it off. Nothing for a person alone, or for an activity for one.
 * @param {{activity: Schemas["Activity"], partner: string}} props
 */
export function SomedayButton({ activity, partner }) {
  const list = useResource(partner ? PATH : null).data;
  const isListed = list?.items.some((item) => item.activity.id === activity.id);
  const { run, busy, error } = useAction(async () => {
    await changeList(isListed ? "DELETE" : "PUT", activity.id);
    say(isListed ? t("someday.removed", { name: partner }) : t("someday.added", { name: partner }));
  });
  if (!list || activity.for === "one") return null;
  return html`<${Button} icon=${isListed ? "bookmark-check" : "bookmark"} busy=${busy} onClick=${() => run()}>
      ${isListed ? t("someday.remove") : t("someday.add")}<//>
    <${ActionError} error=${error} />`;
}
