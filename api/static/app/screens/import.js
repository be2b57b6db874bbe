// Import: what a person exported on another server. Both files at once, so that notes find the dates they are about.
import { request } from "../api.js";
import { t } from "../i18n.js";
import { ActionError, Button, useAction } from "../parts/controls.js";
import { NotAnExport, readExport } from "../parts/export_file.js";
import { Notice, Page, Section } from "../parts/page.js";
import { html, useId, useState } from "../vendor/preact/preact-11.2.0.js";

/** A large file takes a while on a slow line. */
const PATIENCE = 180_000;

export default function Import() {
  const id = useId();
  const [files, setFiles] = useState(/** @type {File[]} */ ([]));
  const [fault, setFault] = useState("");
  const [result, setResult] = useState(/** @type {Schemas["ImportResult"] | null} */ (null));
  const { run, busy, error, clear } = useAction(async () => {
    setResult(null);
    try {
      const body = Object.assign({}, ...(await Promise.all(files.map(readExport))));
      setResult((await request("POST", "/me/imports", { body, patience: PATIENCE })).data);
    } catch (caught) {
      if (!(caught instanceof NotAnExport)) throw caught;
      setFault(t("me.import_not_readable"));
    }
  });
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    run();
  };
  /** @param {any} event */
  const choose = (event) => {
    setFiles([...event.currentTarget.files]);
    setFault("");
    setResult(null);
    clear();
  };
  return html`<${Page} title=${t("me.import")} lead=${t("me.import_lead")} back="/me/export">
    <form onSubmit=${submit}>
      <div class="field">
        <label for=${id}>${t("me.import_files")}</label>
        <input id=${id} type="file" accept=".zip,.json,application/zip,application/json" multiple required onChange=${choose}
          aria-describedby="${id}-hint${fault ? ` ${id}-fault` : ""}" aria-invalid=${fault ? "true" : undefined} />
        <p class="hint" id="${id}-hint">${t("me.import_both")}</p>
        ${fault && html`<p class="fault" id="${id}-fault">${fault}</p>`}
      </div>
      <${ActionError} error=${error} />
      <${Button} kind="primary" type="submit" icon="download" busy=${busy}>${t("me.import_start")}<//>
    </form>
    <div role="status">${result && html`<${Result} items=${result.items} />`}</div>
    <${Section} title=${t("me.import_what")}>
      <ul class="plain-list">
        <li>${t("me.import_private")}</li>
        <li>${t("me.import_not")}</li>
        <li>${t("me.import_again")}</li>
      </ul>
    <//>
    <${Notice} icon="users">${t("me.import_partner")}<//>
  <//>`;
}

/** @param {{items: Schemas["Imported"][]}} props */
function Result({ items }) {
  if (!items.length) return html`<p class="card">${t("me.import_nothing")}</p>`;
  return html`<div class="card pine">
    <h2>${t("me.import_done")}</h2>
    <dl class="places">${items.map(
      ({ kind, added, present, skipped }) => html`<div key=${kind}><dt>${t(`me.import_${kind}`)}</dt>
        <dd>${t("me.import_line", { added, present, skipped })}</dd></div>`,
    )}</dl>
  </div>`;
}
