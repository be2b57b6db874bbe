// Offers notifications on this device: once, when a date is agreed, and only where they are possible.
import { t } from "../i18n.js";
import { useResource } from "../resources.js";
import { keep, read } from "../storage.js";
import { html, useEffect, useState } from "../vendor/preact/preact-11.2.0.js";
import { Button } from "./controls.js";
import { say } from "./dialog.js";
import { isOn, look, obstacle } from "./push.js";
import { useTurnOn } from "./push_switch.js";

/** What this device keeps after the person has answered. */
const ANSWERED = "push-answered";

export default function PushOffer() {
  const server = useResource("/server").data;
  const [isAnswered, setAnswered] = useState(true);
  const turnOn = useTurnOn(server?.push_key ?? null);
  useEffect(() => {
    look();
    read(ANSWERED).then((value) => setAnswered(Boolean(value)));
  }, []);
  const answer = async () => {
    await keep(ANSWERED, true);
    setAnswered(true);
  };
  const accept = async () => {
    await turnOn.run();
    await answer();
    say(isOn.value ? t("push.is_on") : t("push.not_on"));
  };
  if (!server || isAnswered || isOn.value !== false || obstacle(server.push_key)) return null;
  return html`<div class="card pine">
    <p><b>${t("push.offer")}</b></p>
    <p>${t("push.offer_text")}</p>
    <div class="buttons">
      <${Button} kind="primary" icon="bell" busy=${turnOn.busy} onClick=${accept}>${t("push.offer_yes")}<//>
      <${Button} onClick=${answer}>${t("push.offer_no")}<//>
    </div>
  </div>`;
}
