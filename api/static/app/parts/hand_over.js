// The ways to hand over an invitation: a QR code, a link, a code to type.
import { requestFile } from "../api.js";
import { t } from "../i18n.js";
import { html, useEffect, useState } from "../vendor/preact/preact-11.2.0.js";
import { Button } from "./controls.js";
import { CopyButton } from "./copy.js";
import { Notice, Section } from "./page.js";

/** @param {{invitation: Schemas["Invitation"]}} props */
export function HandOver({ invitation }) {
  const { code, link, id } = invitation;
  if (!code || !link) return null;
  const host = new URL(link).hostname;
  const isLocal = /^(localhost|127\.|\[::1\])/.test(host);
  return html`${isLocal && html`<${Notice} icon="smartphone">${t("join.local", { host })}<//>`}
  <div class="columns">
    <${Section} title=${t("join.by_camera")}><${QrCode} key=${id} /><//>
    <${Section} title=${t("join.by_message")}>
      <p class="invitation-link">${link}</p>
      <div class="buttons"><${Share} link=${link} /><${CopyButton} text=${link} label=${t("join.copy_link")} /></div>
      <h3>${t("join.by_word")}</h3>
      <p class="invitation-code">${code}</p>
      <p class="hint">${t("join.by_word_text")}</p>
      <div class="buttons"><${CopyButton} text=${code} label=${t("join.copy_code")} /></div>
    <//>
  </div>`;
}

/** The QR code of the link. */
function QrCode() {
  const [url, setUrl] = useState("");
  useEffect(() => {
    let made = "";
    let isShown = true;
    requestFile("GET", "/invitations/current/qr.svg")
      .then(({ file }) => {
        if (!isShown) return;
        made = URL.createObjectURL(file);
        setUrl(made);
      })
      .catch(() => null); // the link and the code are beside it
    return () => {
      isShown = false;
      if (made) URL.revokeObjectURL(made);
    };
  }, []);
  return html`<div class="qr">${url ? html`<img src=${url} alt=${t("join.qr")} width="240" height="240" />` : html`<span class="qr-space"></span>`}</div>
    <p class="hint">${t("join.by_camera_text")}</p>`;
}

/** The share sheet of the device, if there is one. @param {{link: string}} props */
function Share({ link }) {
  if (!navigator.share) return null;
  const share = () => navigator.share({ title: t("join.share_title"), text: t("join.share_text"), url: link }).catch(() => null);
  return html`<${Button} kind="primary" icon="share-2" onClick=${share}>${t("join.share")}<//>`;
}
