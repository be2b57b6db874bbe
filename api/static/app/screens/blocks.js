// Blocks: whom the person does not want to meet here any more.
import { request } from "../api.js";
import { formatInstantDay, t } from "../i18n.js";
import { ActionError, Button, Field, fieldError, useAction } from "../parts/controls.js";
import { Confirm, say } from "../parts/dialog.js";
import { Loaded, Page, Section } from "../parts/page.js";
import { RowButton } from "../parts/rows.js";
import { refresh, refreshShown, useResource } from "../resources.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

export default function Blocks() {
  const blocks = useResource("/me/blocks");
  const today = useResource("/today").data;
  return html`<${Page} title=${t("us.blocks")} lead=${t("us.blocks_lead")} back="/us">
    <${Loaded} resource=${blocks} retry=${() => refresh("/me/blocks")}>
      ${(/** @type {Schemas["BlockList"]} */ { items }) => html`
        <${Section} title=${t("us.blocked")}>
          ${items.length === 0 && html`<p class="hint">${t("us.blocked_none")}</p>`}
          ${items.length > 0 && html`<ul class="rows">${items.map((block) => html`<${Blocked} key=${block.id} block=${block} />`)}</ul>`}
        <//>
        <${Section} title=${t("us.block_title")}>
          <${Targets} partner=${today?.couple?.partner ?? ""} isEverybody=${items.some((block) => block.target === "everybody")} />
          <${ByCode} />
        <//>`}
    <//>
  <//>`;
}

/** @param {{block: Schemas["BlockEntry"]}} props */
function Blocked({ block }) {
  const [isAsked, setAsked] = useState(false);
  const name = block.name ?? t("us.block_everybody_name");
  const lift = useAction(async () => {
    await request("DELETE", `/me/blocks/${block.id}`);
    say(t("us.lifted", { name }));
    await refreshShown();
  });
  return html`<li>
    <div class="row">
      <span><b>${name}</b><small>${t("us.blocked_since", { day: formatInstantDay(block.blocked_at) })}</small></span>
      <${Button} onClick=${() => setAsked(true)}>${t("us.lift")}<//>
    </div>
    ${isAsked && html`<${Confirm} title=${t("us.lift_title", { name })} text=${t("us.lift_text")} yes=${t("us.lift")} busy=${lift.busy}
      onYes=${() => lift.run()} onClose=${() => setAsked(false)}><${ActionError} error=${lift.error} /><//>`}
  </li>`;
}

/** @param {{partner: string, isEverybody: boolean}} props */
function Targets({ partner, isEverybody }) {
  const [target, setTarget] = useState(/** @type {Schemas["BlockTarget"] | null} */ (null));
  const block = useAction(async () => {
    await request("PUT", "/me/blocks", { body: { target } });
    setTarget(null);
    say(t("us.blocked_now"));
    await refreshShown();
  });
  const close = () => {
    block.clear();
    setTarget(null);
  };
  return html`<ul class="rows">
      ${partner && html`<${RowButton} icon="ban" label=${t("us.block_partner", { name: partner })} text=${t("us.block_partner_text")}
        onClick=${() => setTarget("partner")} />`}
      ${!partner && html`<${RowButton} icon="ban" label=${t("us.block_last_partner")} text=${t("us.block_last_partner_text")}
        onClick=${() => setTarget("last_partner")} />`}
      ${!isEverybody && html`<${RowButton} icon="shield" label=${t("us.block_everybody")} text=${t("us.block_everybody_text")}
        onClick=${() => setTarget("everybody")} />`}
    </ul>
    ${target && html`<${Confirm} danger title=${t(`us.block_${target}`, { name: partner })} text=${t(`us.block_${target}_sure`, { name: partner })}
      yes=${t(target === "partner" ? "us.block_and_leave" : "us.block")} busy=${block.busy} onYes=${() => block.run()} onClose=${close}>
      <${ActionError} error=${block.error} /><//>`}`;
}

function ByCode() {
  const [code, setCode] = useState("");
  const block = useAction(async () => {
    await request("PUT", "/me/blocks", { body: { code } });
    setCode("");
    say(t("us.blocked_now"));
    await refreshShown();
  });
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    block.run();
  };
  return html`<form class="card" onSubmit=${submit}>
    <h3>${t("us.block_code")}</h3>
    <${Field} label=${t("us.code")} hint=${t("us.block_code_hint")} value=${code} onInput=${setCode} required autocapitalize="characters"
      autocomplete="off" spellcheck=${false} error=${fieldError(block.error, "code")} />
    <${ActionError} error=${block.error} besides=${["code"]} />
    <${Button} type="submit" busy=${block.busy}>${t("us.block")}<//>
  </form>`;
}
