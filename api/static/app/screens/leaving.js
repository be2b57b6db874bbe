// Leaving: what to do before, leaving itself with space equally large beside it, and what to do after.
import { request } from "../api.js";
import { t } from "../i18n.js";
import { ActionError, Button, Icon, Switch, useAction } from "../parts/controls.js";
import { AfterLeaving } from "../parts/couple.js";
import { Confirm } from "../parts/dialog.js";
import { Loaded, Notice, Page, Section } from "../parts/page.js";
import { RowLink } from "../parts/rows.js";
import { refresh, refreshShown, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

export default function Leaving() {
  const today = useResource("/today");
  const couple = today.data?.couple;
  const title = today.data && !couple ? t("us.left_title") : t("us.leaving");
  return html`<${Page} title=${title} lead=${couple && t("us.leaving_lead")} back="/us">
    <${Loaded} resource=${today} retry=${() => refresh("/today")}>
      ${(/** @type {Schemas["Today"]} */ data) =>
        data.couple
          ? html`<${Steps} name=${data.couple.partner} />`
          : html`<${AfterLeaving}>
              <${RowLink} to="/me/export" icon="download" label=${t("us.export")} text=${t("us.export_text")} />
              <${RowLink} to="/us/blocks" icon="ban" label=${t("us.blocks")} text=${t("us.blocks_text")} />
            <//>`}
    <//>
  <//>`;
}

/** @param {{name: string}} props */
function Steps({ name }) {
  return html`
    <${Notice} icon="life-buoy">${t("us.leaving_afraid")} <${Link} to="/safety">${t("us.leaving_safety")}<//><//>
    <${Section} title=${t("us.leaving_before")}>
      <ul class="rows"><${RowLink} to="/me/export" icon="download" label=${t("us.export")} text=${t("us.leaving_export")} /></ul>
    <//>
    <${Section} title=${t("us.leaving_choose")}>
      <div class="two-ways">
        <${Leave} name=${name} />
        <article class="card">
          <h3>${t("us.space_keeps")}</h3>
          <p>${t("us.space_keeps_text")}</p>
          <p class="noticed"><${Icon} name="eye" /><span>${t("us.space_keeps_noticed", { name })}</span></p>
          <${Link} to="/us/space" class="button wide">${t("us.take_space")}<//>
        </article>
      </div>
    <//>
    <${Section} title=${t("us.leaving_after")}>
      <ul class="rows">
        <${RowLink} to="/us/blocks" icon="ban" label=${t("us.blocks")} text=${t("us.leaving_block", { name })} />
        <${RowLink} to="/me/sign-ins" icon="smartphone" label=${t("us.sign_ins")} text=${t("us.leaving_sign_ins")} />
      </ul>
    <//>`;
}

/** @param {{name: string}} props */
function Leave({ name }) {
  const [isAsked, setAsked] = useState(false);
  const [withPhotos, setWithPhotos] = useState(false);
  const leave = useAction(async () => {
    await request("DELETE", `/couple?withdraw_photos=${withPhotos}`);
    await Promise.all([refreshShown(), refresh("/inbox")]);
  });
  return html`<article class="card">
    <h3>${t("us.leave_title")}</h3>
    <p>${t("us.leave_text")}</p>
    <p class="noticed"><${Icon} name="eye" /><span>${t("us.leave_noticed", { name })}</span></p>
    <${Button} class="wide" onClick=${() => setAsked(true)}>${t("us.leave")}<//>
    ${isAsked && html`<${Confirm} danger title=${t("us.leave_sure_title")} text=${t("us.leave_sure", { name })} yes=${t("us.leave_now")} busy=${leave.busy}
      onYes=${() => leave.run()} onClose=${() => setAsked(false)}>
      <${Switch} label=${t("photos.leave")} hint=${t("photos.leave_hint", { name })} checked=${withPhotos} onChange=${setWithPhotos} />
      <${ActionError} error=${leave.error} /><//>`}
  </article>`;
}
