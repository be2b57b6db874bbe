// The sign-in name and the recovery code, which the server shows only once: to copy, save or print, and asked back once.
import { t } from "../i18n.js";
import { html, useEffect, useRef, useState } from "../vendor/preact/preact-11.2.0.js";
import { Button, Field } from "./controls.js";
import { CopyButton } from "./copy.js";
import { Confirm } from "./dialog.js";
import { Notice } from "./page.js";

/** @typedef {{sign_in_name: string, recovery_code: string}} Shown */
// Short enough to type, and long enough to show that the code is at hand.
const ASKED_LETTERS = 5;

/**
 * Show the secrets until the person has them, then ask for the end of the code once.
 * @param {{secrets: Shown, onDone: () => void}} props
 */
export function KeepSecrets({ secrets, onDone }) {
  const [asking, setAsking] = useState(false);
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    /** @param {BeforeUnloadEvent} event */
    const warn = (event) => {
      // The quick exit empties the page before it leaves. Nothing may hold it up.
      if (element.current?.isConnected) event.preventDefault();
    };
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, []);
  return html`<div class="secrets" ref=${element}>
    ${asking
      ? html`<${AskBack} secrets=${secrets} onDone=${onDone} onBack=${() => setAsking(false)} />`
      : html`<${Secrets} secrets=${secrets} onNext=${() => setAsking(true)} />`}
  </div>`;
}

/** @param {{secrets: Shown, onNext: () => void}} props */
function Secrets({ secrets, onNext }) {
  const text = t("welcome.secrets_file", { name: secrets.sign_in_name, code: secrets.recovery_code, address: location.host });
  return html`
    <dl class="card secret-list">
      <div><dt>${t("welcome.sign_in_name")}</dt><dd>${secrets.sign_in_name}</dd><dd class="use">${t("welcome.sign_in_name_use")}</dd></div>
      <div><dt>${t("welcome.recovery_code")}</dt><dd>${secrets.recovery_code}</dd><dd class="use">${t("welcome.recovery_code_use")}</dd></div>
    </dl>
    <div class="buttons">
      <${CopyButton} text=${text} label=${t("welcome.copy_both")} />
      <${Button} icon="download" onClick=${() => save(text)}>${t("welcome.save_file")}<//>
      <${Button} icon="printer" onClick=${() => print()}>${t("common.print")}<//>
    </div>
    <${Notice}>${t("welcome.shown_once")}<//>
    <${Button} kind="primary" class="wide" onClick=${onNext}>${t("welcome.have_them")}<//>`;
}

/** Save a text as a file. @param {string} text */
function save(text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "rekindle.txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** @param {{secrets: Shown, onDone: () => void, onBack: () => void}} props */
function AskBack({ secrets, onDone, onBack }) {
  const [typed, setTyped] = useState("");
  const [isWrong, setWrong] = useState(false);
  const [isSkipping, setSkipping] = useState(false);
  const field = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => field.current?.querySelector("input")?.focus(), []);
  /** @param {Event} event */
  const check = (event) => {
    event.preventDefault();
    const [given, code] = [letters(typed), letters(secrets.recovery_code)];
    if (given === code || given === code.slice(-ASKED_LETTERS)) onDone();
    else {
      setWrong(true);
      field.current?.querySelector("input")?.focus();
    }
  };
  return html`<form onSubmit=${check} ref=${field}>
    <${Field} label=${t("welcome.ask_back", { count: ASKED_LETTERS })} hint=${t("welcome.ask_back_hint")} value=${typed}
      onInput=${setTyped} error=${isWrong ? t("welcome.ask_back_wrong") : ""} autocomplete="off" autocapitalize="characters"
      spellcheck=${false} required />
    <${Button} kind="primary" type="submit" class="wide">${t("welcome.check")}<//>
    <div class="buttons">
      <${Button} icon="eye" onClick=${onBack}>${t("welcome.show_again")}<//>
      <${Button} kind="quiet" onClick=${() => setSkipping(true)}>${t("welcome.without_check")}<//>
    </div>
    ${isSkipping &&
    html`<${Confirm} title=${t("welcome.skip_title")} text=${t("welcome.skip_text")} yes=${t("welcome.skip_yes")}
      onYes=${onDone} onClose=${() => setSkipping(false)} />`}
  </form>`;
}

/** @param {string} text */
const letters = (text) => text.toUpperCase().replace(/[^A-Z0-9]/g, "");
