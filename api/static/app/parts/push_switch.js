// The switch for notifications on this device, and why it cannot be switched.
import { t } from "../i18n.js";
import { html, useEffect, useState } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Switch, useAction } from "./controls.js";
import { Notice } from "./page.js";
import { isOn, look, obstacle, Refused, turnOff, turnOn } from "./push.js";

/** @typedef {"plain_http" | "server_off" | "no_browser" | "install" | "denied" | "no_service"} Obstacle */

/** Return an action that turns notifications on, and why it did not. @param {string | null} key */
export function useTurnOn(key) {
  const [refused, setRefused] = useState(/** @type {Obstacle | ""} */ (""));
  const action = useAction(async () => {
    setRefused("");
    try {
      if (key) await turnOn(key);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setRefused(error.reason);
    }
  });
  return { ...action, refused };
}

/** @param {{pushKey: string | null}} props */
export function PushSwitch({ pushKey }) {
  const on = useTurnOn(pushKey);
  const off = useAction(turnOff);
  useEffect(() => {
    look();
  }, []);
  const why = /** @type {Obstacle | ""} */ (obstacle(pushKey)) || on.refused;
  const change = (/** @type {boolean} */ wanted) => (wanted ? on.run() : off.run());
  // A first subscription can take some seconds. The switch shows at once what the person wants.
  const isShownOn = on.busy || (Boolean(isOn.value) && !off.busy);
  if (why && !isShownOn) return html`<${Notice} icon="info">${t(`push.${why}`)}<//>`;
  return html`
    <${Switch} label=${t("push.this_device")} hint=${t("push.this_device_hint")} checked=${isShownOn} onChange=${change} />
    <${ActionError} error=${on.error ?? off.error} />`;
}
