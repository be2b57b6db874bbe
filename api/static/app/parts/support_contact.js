// A contact for help, with the ways to reach it.
import { t } from "../i18n.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

/** @param {string} number */
const dialled = (number) => number.replace(/[^\d+*#]/g, "");

/** @param {{contact: Schemas["SupportContact"]}} props */
export function SupportContact({ contact }) {
  const { name, role, phone, text, web, email } = contact;
  const lines = [contact.hours, contact.address, contact.note].filter(Boolean);
  return html`<li class="card contact">
    <h3>${name}</h3>
    ${role !== name && html`<p class="eyebrow">${role}</p>`}
    <div class="buttons">
      ${phone && html`<a class="button" href="tel:${dialled(phone)}">${t("safety.call", { number: phone })}</a>`}
      ${text && html`<a class="button" href="sms:${dialled(text)}">${t("safety.text", { number: text })}</a>`}
      ${web && html`<a class="button" href=${web} rel="noreferrer noopener">${web}</a>`}
      ${email && html`<a class="button" href="mailto:${email}">${email}</a>`}
    </div>
    ${lines.map((line) => html`<p key=${line} class="hint">${line}</p>`)}
  </li>`;
}
