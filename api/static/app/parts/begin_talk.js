// The dialog that opens a talk: who has the first turn. It begins now, or belongs to a date.
import { newId, request } from "../api.js";
import { t } from "../i18n.js";
import { refresh, useResource } from "../resources.js";
import { navigate } from "../router.js";
import { html, useRef, useState } from "../vendor/preact/preact-11.2.0.js";
import { ProposalsLeft, usedUp } from "./allowance.js";
import { ActionError, Button, Choice, Icon, useAction } from "./controls.js";
import { Dialog } from "./dialog.js";

/**
 * @param {{title: string, guide?: string, date?: string, onClose: () => void}} props
 *   `guide` is the slug of a guide to begin now, `date` the id of a date that has one
 */
export function BeginTalk({ title, guide, date, onClose }) {
  const me = useResource("/me").data;
  const name = me?.couple?.partner ?? "";
  const [first, setFirst] = useState(/** @type {"me" | "partner"} */ ("me"));
  const id = useRef(newId());
  const begin = useAction(async () => {
    const what = date ? { date_id: date } : { guide };
    const { data } = await request("POST", "/talks", { body: { id: id.current, first, ...what } });
    refresh("/today");
    navigate(`/talks/${data.id}`);
  });
  const isClosed = !date && usedUp(me?.allowance);
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <p>${t("talks.begin_text", { name })}</p>
    <${Choice} label=${t("talks.first")} value=${first} onChange=${setFirst} options=${[
      { value: "me", label: t("talks.first_me"), icon: "user" },
      { value: "partner", label: t("talks.first_partner", { name }), icon: "users" },
    ]} />
    ${!date && me?.allowance && (isClosed ? html`<${ProposalsLeft} allowance=${me.allowance} name=${name} />`
      : html`<p class="hint">${t("talks.costs", { count: me.allowance.proposals.left })}</p>`)}
    <${ActionError} error=${begin.error} />
    ${!isClosed && html`<${Button} kind="primary" class="wide" icon="arrow-right" busy=${begin.busy} onClick=${begin.run}>${t("talks.open")}<//>`}
    <p class="seen"><${Icon} name="eye" />${date ? t("talks.seen_date", { name }) : t("talks.seen", { name })}</p>
  <//>`;
}
