// Notifications: whether this device rings, the other devices that do, and what rings when.
import { request } from "../api.js";
import { formatInstantDay, t } from "../i18n.js";
import { ActionError, Button, Icon, useAction } from "../parts/controls.js";
import { NotificationChoices } from "../parts/notification_choices.js";
import { focusHeading, Loaded, Notice, Page, Section } from "../parts/page.js";
import { isOn } from "../parts/push.js";
import { PushSwitch } from "../parts/push_switch.js";
import { refresh, useResource } from "../resources.js";
import { html, useEffect } from "../vendor/preact/preact-11.2.0.js";

export default function NotificationsScreen() {
  const server = useResource("/server");
  return html`<${Page} title=${t("push.title")} lead=${t("push.lead")} back="/us">
    <${Loaded} resource=${server} retry=${() => refresh("/server")}>
      ${(/** @type {Schemas["ServerInfo"]} */ data) => html`<${PushSwitch} pushKey=${data.push_key} />`}
    <//>
    <${Notice} icon="eye-off">${t("push.privacy")}<//>
    <${OtherDevices} />
    <${NotificationChoices} hasMail=${Boolean(server.data?.mail)} />
  <//>`;
}

function OtherDevices() {
  const devices = useResource("/devices").data;
  const changed = isOn.value;
  useEffect(() => {
    refresh("/devices");
  }, [changed]);
  const others = devices?.items.filter((each) => !each.current) ?? [];
  if (others.length === 0) return null;
  return html`<${Section} title=${t("push.others")}>
    <ul class="rows">${others.map((each) => html`<${Device} key=${each.id} device=${each} />`)}</ul>
  <//>`;
}

/** @param {{device: Schemas["Device"]}} props */
function Device({ device }) {
  const remove = useAction(async () => {
    await request("DELETE", `/devices/${device.id}`);
    await refresh("/devices");
    focusHeading();
  });
  return html`<li class="row">
    <${Icon} name="smartphone" />
    <span><b>${t("push.other_device", { day: formatInstantDay(device.created_at) })}</b><small>${t("push.via", { host: device.host })}</small>
      <${ActionError} error=${remove.error} /></span>
    <${Button} kind="quiet" busy=${remove.busy} onClick=${remove.run}>${t("push.remove")}<//>
  </li>`;
}
