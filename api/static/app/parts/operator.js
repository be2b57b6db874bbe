// Who runs this server and what they can see. A person reads it before they give a name or a password.
import { request } from "../api.js";
import { t } from "../i18n.js";
import { html, useEffect, useState } from "../vendor/preact/preact-11.2.0.js";
import { Icon } from "./controls.js";

/** Return what this server tells everyone, or null until it is there. */
export function useServer() {
  const [server, setServer] = useState(/** @type {Schemas["ServerInfo"] | null} */ (null));
  useEffect(() => {
    let isShown = true;
    request("GET", "/server", { withoutToken: true })
      .then(({ data }) => isShown && setServer(data))
      .catch(() => null); // sign-up and sign-in tell why the server cannot be reached
    return () => {
      isShown = false;
    };
  }, []);
  return server;
}

/** Return who runs this server and how to reach them, or "" if they have not said. @param {Schemas["ServerOperator"]} operator */
export function operatorText({ name, contact }) {
  return [name && t("common.operator", { name }), contact && t("common.operator_contact", { contact })].filter(Boolean).join(" ");
}

/** The operator, their contact, and the server's sentence about what they can see.
 * @param {{operator: Schemas["ServerOperator"] | undefined}} props */
export function OperatorNote({ operator }) {
  if (!operator) return html`<div class="operator" aria-hidden="true"></div>`;
  return html`<div class="operator">
    <${Icon} name="eye" />
    <p>${operatorText(operator)} <b>${operator.can_see}</b></p>
  </div>`;
}

/** The note of this server, loaded after the first screen. @param {{onServer: (server: Schemas["ServerInfo"]) => void}} props */
export default function ServerNote({ onServer }) {
  const server = useServer();
  useEffect(() => {
    if (server) onServer(server);
  }, [server]);
  return html`<${OperatorNote} operator=${server?.operator} />`;
}
