// Passkeys: whether this browser can use them here, and what its device makes and signs. The device asks the person itself.
import { NotUsed, request } from "../api.js";
import { t } from "../i18n.js";
import { decode, encode } from "./base64url.js";

/** Whether passkeys work at this address: they need https or localhost, and a host that is no number. */
export const canUsePasskeys = isSecureContext && "PublicKeyCredential" in globalThis && !/^[\d.]+$|:/.test(location.hostname);

/** Let the device make a passkey, and add it. @param {string} name */
export async function addPasskey(name) {
  const { data } = await request("POST", "/me/passkey-challenges", { body: {} });
  const user = { id: decode(data.user_id), name: data.sign_in_name, displayName: data.display_name };
  const made = await ask(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: decode(data.challenge),
        rp: { id: data.host, name: "Rekindle" },
        user,
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
        excludeCredentials: data.known.map((/** @type {string} */ id) => ({ type: "public-key", id: decode(id) })),
        authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
        attestation: "none",
      },
    }),
  );
  const { attestationObject, clientDataJSON } = /** @type {AuthenticatorAttestationResponse} */ (made.response);
  const parts = { credential_id: made.id, client_data: encode(clientDataJSON), attestation: encode(attestationObject) };
  await request("POST", "/me/passkeys", { body: { name, ...parts } });
}

/** Let the device sign a challenge with a passkey. @returns {Promise<Schemas["PasskeyAssertion"]>} */
export async function usePasskey() {
  const { data } = await request("POST", "/passkey-challenges", { body: {}, withoutToken: true });
  const publicKey = { challenge: decode(data.challenge), rpId: data.host, userVerification: /** @type {const} */ ("required") };
  const used = await ask(() => navigator.credentials.get({ publicKey }));
  const { authenticatorData, clientDataJSON, signature } = /** @type {AuthenticatorAssertionResponse} */ (used.response);
  return {
    credential_id: used.id,
    client_data: encode(clientDataJSON),
    authenticator_data: encode(authenticatorData),
    signature: encode(signature),
  };
}

// Ed25519, ES256 and RS256: each device knows at least one of them.
const ALGORITHMS = [-8, -7, -257];

/** Ask the device. Throws NotUsed if there is no answer. @param {() => Promise<Credential | null>} act */
async function ask(act) {
  try {
    const answer = await act();
    if (answer) return /** @type {PublicKeyCredential} */ (answer);
  } catch {
    // Browsers do not tell a person who said no from a device that has no passkey.
  }
  throw new NotUsed(t("passkeys.not_used"));
}
