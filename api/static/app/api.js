// Requests to the public API of this server, and the ways in which they fail.
import { signal } from "./vendor/preact/preact-11.2.0.js";

/** Whether the last request failed because the server could not be reached. */
export const offline = signal(false);

/** How long to wait for an answer. A network that swallows requests must not block what comes after. */
const PATIENCE = 20_000;

/** How far the clock of the server is ahead of this device's, in milliseconds. */
let ahead = 0;

/** Return the time by the clock of the server, in milliseconds: two phones must show the same. */
export const serverNow = () => Date.now() + ahead;

/** The bearer token of this sign-in. Only `session.js` sets it. */
let token = "";

/** @param {string} value */
export function setToken(value) {
  token = value;
}

/** Ask the person for the password. Tells whether they confirmed that it is them. @type {() => Promise<boolean>} */
let askToConfirm = async () => false;

/** Set what asks the person for the password, when an act needs it. @param {() => Promise<boolean>} ask */
export function whenConfirmationNeeded(ask) {
  askToConfirm = ask;
}

/** The server refused a request. Its `message` is the server's sentence, made for people. */
export class Refusal extends Error {
  /** @param {Schemas["Problem"]} problem */
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
    this.status = problem.status;
    this.reason = problem.reason;
  }

  /**
   * Return the server's sentence about one field, or "".
   * @param {string} name a field, such as "slots.0.local_time"
   */
  field(name) {
    const fault = this.problem.errors?.find((error) => error.field === name || error.field.startsWith(`${name}.`));
    return fault?.message ?? "";
  }
}

/** The server could not be reached. The request may be sent again later. */
export class Unreachable extends Error {}

/** The device gave no passkey: the person said no, or it has none for this server. Its `message` is made for people. */
export class NotUsed extends Error {}

/**
 * Send one request and return its answer.
 * Throws Refusal for a 4xx or 5xx answer, and Unreachable without any.
 * @param {string} method
 * @param {string} path below /v1, such as "/today"
 * @param {{body?: unknown, version?: number | null, etag?: string, withoutToken?: boolean, patience?: number}} [options] `patience` in ms
 * @returns {Promise<{status: number, data: any, etag: string}>} a 304 has no data
 */
export async function request(method, path, { body, version, etag, withoutToken, patience = PATIENCE } = {}) {
  const answer = await reach(method, path, { body, version, etag, withoutToken, signal: AbortSignal.timeout(patience) });
  const isEmpty = answer.status === 204 || answer.status === 304;
  const data = isEmpty ? null : await readJson(answer);
  if (!answer.ok && answer.status !== 304) {
    const isUnconfirmed = data?.type === "/problems/confirm-first";
    if (isUnconfirmed && (await askToConfirm())) return request(method, path, { body, version, etag, withoutToken, patience });
    throw new Refusal(data ?? unknownProblem(answer));
  }
  return { status: answer.status, data, etag: answer.headers.get("ETag") ?? "" };
}

/**
 * Return the JSON of an answer, or null for a refusal without any.
 * Throws Unreachable if the answer is cut off, or is the page of a network that wants a sign-in first.
 * @param {Response} answer
 */
async function readJson(answer) {
  const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
  if (!isJson && !answer.ok) return null;
  try {
    if (isJson) return await answer.json();
  } catch {
    // The connection ended in the middle of the answer.
  }
  offline.value = true;
  throw new Unreachable(`no JSON with status ${answer.status}`);
}

/**
 * Send one request and return its answer as a file.
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<{file: Blob, name: string}>}
 */
export async function requestFile(method, path, body) {
  const answer = await reach(method, path, { body });
  if (!answer.ok) throw new Refusal(await answer.json());
  const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "");
  return { file: await answer.blob(), name: name?.[1] ?? "rekindle" };
}

/** @param {string} method @param {string} path @param {any} options */
async function reach(method, path, { body, version, etag, withoutToken, signal }) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (token && !withoutToken) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (version !== undefined && version !== null) headers["If-Match"] = `"${version}"`;
  if (etag) headers["If-None-Match"] = etag;
  try {
    // "no-store": private answers must not enter the browser's own cache either.
    const answer = await fetch(`/v1${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      // With "omit", the browser would not follow Clear-Site-Data at the end of a sign-in. The API uses no cookies.
      credentials: "same-origin",
      signal,
    });
    offline.value = false;
    const at = Date.parse(answer.headers.get("Date") ?? "");
    if (at) ahead = at - Date.now();
    return answer;
  } catch (error) {
    offline.value = true;
    throw new Unreachable(String(error));
  }
}

/** @param {Response} answer @returns {Schemas["Problem"]} */
function unknownProblem(answer) {
  const detail = `${answer.status} ${answer.statusText}`;
  return { type: "", title: detail, status: answer.status, detail, reason: "internal", params: {} };
}

/** Return a new random id (UUID version 4). Pages on plain http have no `crypto.randomUUID`. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
