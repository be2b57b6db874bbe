// Profile: what a person likes and what is possible for them. It shapes the ideas, and the partner is not shown it.
import { t } from "../i18n.js";
import { drop, outbox, send } from "../outbox.js";
import { ActionError, Button, useAction } from "../parts/controls.js";
import { say } from "../parts/dialog.js";
import { Loaded, Notice, Page, Section } from "../parts/page.js";
import { LimitFields, QuestionFields, TasteFields } from "../parts/profile_form.js";
import { change, refresh, useResource } from "../resources.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

const PATH = "/me/profile";

export default function ProfileScreen() {
  const profile = useResource(PATH);
  const catalogue = useResource("/catalogue");
  const retry = () => Promise.all([refresh(PATH), refresh("/catalogue")]);
  return html`<${Page} title=${t("me.profile")} lead=${t("me.profile_lead")} back="/us">
    <${Loaded} resource=${catalogue} retry=${retry}>
      ${(/** @type {Schemas["Catalogue"]} */ labels) => html`<${Loaded} resource=${profile} retry=${retry}>
        ${(/** @type {Schemas["Profile"]} */ data) => html`<${ProfileForm} saved=${data} catalogue=${labels} />`}
      <//>`}
    <//>
  <//>`;
}

/** @param {{saved: Schemas["Profile"], catalogue: Schemas["Catalogue"]}} props */
function ProfileForm({ saved, catalogue }) {
  const [draft, setDraft] = useState(/** @type {Schemas["Profile"] | null} */ (null));
  // A profile that waits or was refused is what the person wants: it comes before what the server has.
  const unsent = outbox.value.findLast((each) => each.kind === "profile");
  const profile = draft ?? unsent?.body ?? saved;
  const { run, busy, error } = useAction(async () => {
    const waits = (await send("profile", "PUT", PATH, profile)) === undefined;
    if (unsent?.state === "refused") await drop(unsent.id);
    change(PATH, () => profile);
    setDraft(null);
    if (!waits) say(t("common.saved"));
  });
  const fields = { profile, catalogue, onChange: setDraft };
  return html`<form class="profile-form" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    run();
  }}>
    <div class="columns">
      <${Section} title=${t("me.taste")}><div class="folds"><${TasteFields} ...${fields} /></div><//>
      <${Section} title=${t("me.limits")}><div class="folds"><${LimitFields} ...${fields} /></div><//>
      <${Section} title=${t("me.questions")}><div class="folds"><${QuestionFields} ...${fields} /></div><//>
    </div>
    <${Shaping} />
    ${!draft && unsent?.state === "waiting" && html`<${Notice} icon="wifi-off">${t("me.profile_waits")}<//>`}
    ${unsent?.state === "refused" && html`<${Notice} kind="fault" icon="circle-alert">${unsent.why}<//>`}
    <${ActionError} error=${error} />
    <div class="save-bar"><${Button} kind="primary" type="submit" class="wide" busy=${busy} disabled=${!draft || busy}>${t("common.save")}<//></div>
  </form>`;
}

/** What the profile does, and what cannot be hidden. */
function Shaping() {
  const partner = useResource("/today").data?.couple?.partner;
  return html`<${Section} title=${t("me.shapes")}>
    <ul class="plain-list">
      <li>${t("me.shapes_taste")}</li>
      <li>${t("me.shapes_limits")}</li>
      ${partner && html`<li>${t("me.shapes_when")}</li>`}
      <li>${partner ? t("me.shapes_partner", { name: partner }) : t("me.shapes_alone")}</li>
    </ul>
  <//>`;
}
