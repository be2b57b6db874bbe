// Copying a text, also on pages without a clipboard (plain http).
import { t } from "../i18n.js";
import { html, useEffect, useState } from "../vendor/preact/preact-11.2.0.js";
import { Button } from "./controls.js";

/** Copy a text. Returns whether it worked. @param {string} text */
export async function copyText(text) {
  try {
    if (!navigator.clipboard) return copyByHand(text);
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByHand(text);
  }
}

/** @param {string} text */
function copyByHand(text) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "hidden";
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return isCopied;
}

/** A button that copies a text, and says so. @param {{text: string, label?: string, kind?: string}} props */
export function CopyButton({ text, label = t("common.copy"), kind = "plain" }) {
  const [result, setResult] = useState(/** @type {"" | "copied" | "failed"} */ (""));
  useEffect(() => {
    if (result !== "copied") return undefined;
    const timer = setTimeout(() => setResult(""), 4000);
    return () => clearTimeout(timer);
  }, [result]);
  const copy = async () => setResult((await copyText(text)) ? "copied" : "failed");
  return html`<${Button} kind=${kind} icon=${result === "copied" ? "check" : "copy"} onClick=${copy}>
      ${result === "copied" ? t("common.copied") : label}<//>
    <span class=${result === "failed" ? "fault" : "hidden"} role="status">
      ${result === "copied" ? t("common.copied") : result === "failed" ? t("welcome.copy_failed") : ""}</span>`;
}
