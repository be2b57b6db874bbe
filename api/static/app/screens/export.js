// Export: a file with one part of a person's data. The client hands it over and keeps nothing of it.
import { requestFile } from "../api.js";
import { t } from "../i18n.js";
import { ActionError, Button, Choice, fieldError, Icon, PasswordField, useAction } from "../parts/controls.js";
import { Notice, Page, Section } from "../parts/page.js";
import { RowLink } from "../parts/rows.js";
import { html, useEffect, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {{url: string, name: string}} Download */

export default function Export() {
  const [part, setPart] = useState(/** @type {Schemas["ExportPart"]} */ ("ordinary"));
  const [password, setPassword] = useState("");
  const [download, setDownload] = useState(/** @type {Download | null} */ (null));
  useEffect(() => () => download && URL.revokeObjectURL(download.url), [download]);
  const { run, busy, error } = useAction(async () => {
    setDownload(null);
    const { file, name } = await requestFile("POST", "/me/exports", { password, part });
    setPassword("");
    setDownload({ url: URL.createObjectURL(file), name });
  });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    run();
  };
  return html`<${Page} title=${t("me.export")} lead=${t("me.export_lead")} back="/us">
    <form onSubmit=${submit}>
      <${Choice} label=${t("me.export_part")} look="cards" value=${part} onChange=${setPart} options=${parts()} />
      <${PasswordField} label=${t("common.password")} hint=${t("me.password_why")} value=${password} onInput=${setPassword}
        error=${fieldError(error, "password")} autocomplete="current-password" required />
      <${ActionError} error=${error} besides=${["password"]} />
      <${Button} kind=${download ? "plain" : "primary"} icon="download" type="submit" busy=${busy}>${t("me.export_make")}<//>
    </form>
    <div role="status">${download && html`<${Ready} download=${download} />`}</div>
    <${Section} title=${t("me.export_file")}>
      <ul class="plain-list">
        <li>${t("me.export_zip")}</li>
        <li>${t("me.export_twice")}</li>
        <li>${t("me.export_unnoticed")}</li>
      </ul>
    <//>
    <${Notice} icon="lock">${t("me.export_warning")}<//>
    <${Section} title=${t("me.import_hint")}>
      <ul class="rows"><${RowLink} to="/me/import" icon="inbox" label=${t("me.import")} text=${t("me.import_text")} /></ul>
    <//>
  <//>`;
}

/** @returns {{value: Schemas["ExportPart"], label: string, text: string, icon: string}[]} */
const parts = () => [
  { value: "ordinary", label: t("me.export_ordinary"), text: t("me.export_ordinary_text"), icon: "users" },
  { value: "private", label: t("me.export_private"), text: t("me.export_private_text"), icon: "lock" },
];

/** The file, to save it with a tap: some phones start no download by themselves. @param {{download: Download}} props */
function Ready({ download }) {
  return html`<div class="card pine">
    <p>${t("me.export_ready")}</p>
    <a class="button primary" href=${download.url} download=${download.name}><${Icon} name="download" />${t("me.export_save")}</a>
    <p class="hint">${download.name}</p>
  </div>`;
}
