// The outbox: what waits for a connection, and what the server refused, with its reason.
import { formatInstant, t } from "../i18n.js";
import { drop, flush, outbox, retry } from "../outbox.js";
import { Button, Icon } from "../parts/controls.js";
import { Confirm } from "../parts/dialog.js";
import { Empty, Notice, Page, Section } from "../parts/page.js";
import { Link } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {import("../outbox.js").Waiting} Waiting */

/** The texts of what can wait. @type {Record<string, import("../i18n.js").Key>} */
const KINDS = {
  date: "outbox.kind_date",
  feedback: "outbox.kind_feedback",
  idea: "outbox.kind_idea",
  note: "outbox.kind_note",
  profile: "outbox.kind_profile",
  request: "outbox.kind_request",
  commitment: "outbox.kind_commitment",
  commitment_day: "outbox.kind_commitment_day",
  reaction: "outbox.kind_reaction",
  seen: "outbox.kind_seen",
  vote: "outbox.kind_vote",
};

export default function Outbox() {
  const refused = outbox.value.filter((write) => write.state === "refused");
  const waiting = outbox.value.filter((write) => write.state === "waiting");
  return html`<${Page} title=${t("outbox.title")} back="/">
    ${outbox.value.length === 0 && html`<${Empty} art="sent" title=${t("outbox.empty")}><p>${t("outbox.empty_text")}</p><//>`}
    ${refused.length > 0 && html`<${Section} title=${t("outbox.refused_title")}><${Writes} writes=${refused} /><//>`}
    ${waiting.length > 0 && html`<${Section} title=${t("outbox.waiting_title")}
        action=${html`<${Button} kind="quiet" icon="send" onClick=${flush}>${t("outbox.send_now")}<//>`}>
      <p class="hint">${t("outbox.waiting_text")}</p>
      <${Writes} writes=${waiting} /><//>`}
  <//>`;
}

/** @param {{writes: Waiting[]}} props */
function Writes({ writes }) {
  const [leaving, setLeaving] = useState(/** @type {Waiting | null} */ (null));
  const throwAway = async () => {
    if (leaving) await drop(leaving.id);
    setLeaving(null);
  };
  return html`<ul class="papers">${writes.map((write) => html`<${Write} key=${write.id} write=${write} onDrop=${() => setLeaving(write)} />`)}</ul>
    ${leaving && html`<${Confirm} title=${t("outbox.drop_title")} text=${t("outbox.drop_text")} danger=${true} yes=${t("common.throw_away")}
      onYes=${throwAway} onClose=${() => setLeaving(null)} />`}`;
}

/** @param {{write: Waiting, onDrop: () => void}} props */
function Write({ write, onDrop }) {
  const isRefused = write.state === "refused";
  const change = isRefused ? changePath(write) : "";
  const text = textOf(write);
  return html`<li class="card">
    <h3>${t(KINDS[write.kind] ?? "outbox.kind_other")}</h3>
    ${text && html`<p class="outbox-text">${text}</p>`}
    ${isRefused && html`<${Notice} kind="fault" icon="circle-alert">${write.why}<//>`}
    <small>${formatInstant(new Date(write.at).toISOString())}</small>
    <div class="buttons">
      ${change && html`<${Link} to=${change} class="button"><${Icon} name="pencil" />${t("common.change")}<//>`}
      ${isRefused && html`<${Button} icon="rotate-cw" onClick=${() => retry(write)}>${t("common.try_again")}<//>`}
      <${Button} icon="trash-2" onClick=${onDrop}>${t("common.throw_away")}<//>
    </div>
  </li>`;
}

/** Return the words that a person would miss. @param {Waiting} write */
function textOf({ body }) {
  return body?.body ?? body?.message ?? body?.title ?? body?.text ?? "";
}

/** Return the form that takes the content of a refused write: it finds the write by the id in its query.
 * @param {Waiting} write */
function changePath({ kind, method, path, body, id }) {
  const isNew = method === "POST";
  if (kind === "note" && !isNew) return `${path}/edit?outbox=${id}`;
  if (kind === "note") {
    const about = body.prompt_id ? `prompt=${body.prompt_id}&` : body.date_id ? `date=${body.date_id}&` : "";
    return `/notes/new?${about}outbox=${id}`;
  }
  if (kind === "request") return path === "/requests" ? `/notes/requests/new?outbox=${id}` : `/notes/requests/new?answers=${path.split("/")[2]}&outbox=${id}`;
  if (kind === "date") return `/propose/${body.activity_id}?outbox=${id}`;
  if (kind === "feedback") return `/dates/${path.split("/")[2]}?outbox=${id}`;
  if (kind === "idea") return isNew ? `/ideas/new?outbox=${id}` : `/activities/${path.split("/").at(-1)}/edit?outbox=${id}`;
  return kind === "profile" ? `/me/profile?outbox=${id}` : "";
}
