// What this device keeps, in IndexedDB: `kept` (the sign-in, the last answers, drafts) and `outbox` (writes to send).
//
// Some private windows have no IndexedDB, and a disk may be full. Then the memory of this page takes its place.

const NAME = "rekindle";
const SESSION = "session";
/** The mark of this device. It names no person, and stays when the server ends a sign-in. */
const MARK = "device-mark";
/** What IndexedDB did not take. */
const memory = { kept: new Map(), outbox: new Map() };
/** The token of the sign-in that this page belongs to. What it writes after that sign-in has ended is lost on purpose. */
let owner = "";
/** @type {Promise<IDBDatabase> | null} */
let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const opened = indexedDB.open(NAME, 1);
    opened.onupgradeneeded = () => {
      opened.result.createObjectStore("kept");
      opened.result.createObjectStore("outbox", { keyPath: "id" });
    };
    opened.onerror = () => reject(opened.error);
    opened.onsuccess = () => {
      const database = opened.result;
      database.onclose = database.onversionchange = () => {
        database.close();
        opening = null;
      };
      resolve(database);
    };
  });
  return opening;
}

/** @typedef {{kept: IDBObjectStore, outbox: IDBObjectStore}} Stores */

/**
 * Run one transaction over both stores. iOS may drop the connection: then try once more.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(stores: Stores) => Promise<T>} act
 * @returns {Promise<T>}
 */
async function transact(mode, act) {
  for (let tries = 2; ; tries -= 1) {
    try {
      return await attempt(await open(), mode, act);
    } catch (error) {
      opening?.then((database) => database.close()).catch(() => null);
      opening = null;
      if (tries === 1) throw error;
    }
  }
}

/** @template T @param {IDBDatabase} database @param {IDBTransactionMode} mode @param {(stores: Stores) => Promise<T>} act */
async function attempt(database, mode, act) {
  const transaction = database.transaction(["kept", "outbox"], mode);
  const completion = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  const [result] = await Promise.all([
    act({ kept: transaction.objectStore("kept"), outbox: transaction.objectStore("outbox") }),
    completion,
  ]);
  return result;
}

/** @template T @param {IDBRequest<T>} asked @returns {Promise<T>} */
function answer(asked) {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/**
 * Write, unless the sign-in of this page has ended: another tab may have emptied the stores a moment ago.
 * @param {(stores: Stores) => Promise<unknown>} act
 * @returns {Promise<void>}
 */
function writeAsOwner(act) {
  if (memory.kept.has(SESSION)) return Promise.reject(new Error("The sign-in is in memory only."));
  return transact("readwrite", async (stores) => {
    const session = await answer(stores.kept.get(SESSION));
    if ((session?.token ?? "") === owner) await act(stores);
  });
}

/** Read the kept sign-in. From now on, this page writes as its owner. */
export async function readSession() {
  const session = await read(SESSION);
  owner = session?.token ?? "";
  return session;
}

/** Delete everything that this device keeps, and keep a new sign-in. @param {Schemas["NewSession"]} session */
export async function keepSession(session) {
  owner = session.token;
  clearMemory();
  try {
    await transact("readwrite", async ({ kept, outbox }) => {
      await Promise.all([answer(kept.clear()), answer(outbox.clear()), answer(kept.put(session, SESSION))]);
      await answer(kept.put(session.device_mark, MARK));
    });
  } catch {
    memory.kept.set(SESSION, session);
    memory.kept.set(MARK, session.device_mark);
  }
}

/** Return the mark that the server gave to this device, or null. @returns {Promise<string | null>} */
export const readMark = async () => (await read(MARK)) ?? null;

/** Delete everything that this device keeps, except for its mark. In one step: a page can be closed at any time. */
export async function forgetAllButMark() {
  const mark = memory.kept.get(MARK);
  owner = "";
  clearMemory();
  if (mark) memory.kept.set(MARK, mark);
  await transact("readwrite", async ({ kept, outbox }) => {
    const stored = await answer(kept.get(MARK));
    await Promise.all([kept.clear(), outbox.clear()].map(answer));
    if (stored) await answer(kept.put(stored, MARK));
  }).catch(() => null);
}

/** Delete everything that this device keeps. */
export async function forgetAll() {
  owner = "";
  clearMemory();
  await transact("readwrite", async ({ kept, outbox }) => {
    await Promise.all([kept.clear(), outbox.clear()].map(answer));
  }).catch(() => null); // without IndexedDB there is nothing more to delete
}

function clearMemory() {
  memory.kept.clear();
  memory.outbox.clear();
}

/** @param {string} key @returns {Promise<any>} */
export async function read(key) {
  if (memory.kept.has(key)) return memory.kept.get(key);
  return transact("readonly", ({ kept }) => answer(kept.get(key))).catch(() => undefined);
}

/** Return all values whose key has this beginning. @param {string} beginning @returns {Promise<any[]>} */
export async function readAll(beginning) {
  const inMemory = [...memory.kept].filter(([key]) => key.startsWith(beginning)).map(([, value]) => value);
  const range = () => IDBKeyRange.bound(beginning, `${beginning}\uffff`);
  return [...inMemory, ...(await transact("readonly", ({ kept }) => answer(kept.getAll(range()))).catch(() => []))];
}

/** @param {string} key @param {unknown} value */
export async function keep(key, value) {
  try {
    await writeAsOwner(({ kept }) => answer(kept.put(value, key)));
    memory.kept.delete(key);
  } catch {
    memory.kept.set(key, value);
  }
}

/** @param {string} key */
export async function forget(key) {
  memory.kept.delete(key);
  await writeAsOwner(({ kept }) => answer(kept.delete(key))).catch(() => null);
}

/** Forget the answers that arrived before an instant. @param {number} instant in milliseconds */
export async function forgetAnswers(instant) {
  await writeAsOwner(async ({ kept }) => {
    const range = IDBKeyRange.bound("answer:", "answer:\uffff");
    const [keys, values] = await Promise.all([answer(kept.getAllKeys(range)), answer(kept.getAll(range))]);
    await Promise.all(keys.filter((_, index) => values[index].at < instant).map((key) => answer(kept.delete(key))));
  }).catch(() => null);
}

/** Return the writes of the outbox, oldest first. @returns {Promise<any[]>} */
export async function listOutbox() {
  const stored = await transact("readonly", ({ outbox }) => answer(outbox.getAll())).catch(() => []);
  return [...stored, ...memory.outbox.values()].sort((first, second) => first.at - second.at);
}

/**
 * Put a write into the outbox, in place of others. It must not get lost: on a full disk, the last answers go first.
 * @param {{id: string}} write
 * @param {string[]} [replaced] the ids of writes that it makes needless
 */
export async function keepInOutbox(write, replaced = []) {
  const put = () =>
    writeAsOwner(async ({ outbox }) => {
      await Promise.all(replaced.map((id) => answer(outbox.delete(id))));
      await answer(outbox.put(write));
    });
  for (const id of replaced) memory.outbox.delete(id);
  try {
    await put().catch(async () => {
      await forgetAnswers(Infinity);
      await put();
    });
    memory.outbox.delete(write.id);
  } catch {
    memory.outbox.set(write.id, write);
  }
}

/** Change a write that is still in the outbox. @param {{id: string, state: string, why: string}} write */
export async function changeInOutbox(write) {
  if (memory.outbox.has(write.id)) memory.outbox.set(write.id, write);
  else {
    await writeAsOwner(async ({ outbox }) => {
      if (await answer(outbox.get(write.id))) await answer(outbox.put(write));
    }).catch(() => null);
  }
}

/** @param {string} id */
export async function forgetInOutbox(id) {
  memory.outbox.delete(id);
  await writeAsOwner(({ outbox }) => answer(outbox.delete(id))).catch(() => null);
}
