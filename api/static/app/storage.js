// What this device keeps, in IndexedDB: `kept` (the sign-in and the last answers) and `outbox` (writes to send).

const NAME = "rekindle";
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

/**
 * Run one transaction and return the result of its last request. iOS may drop the connection: then try once more.
 * @param {"kept" | "outbox"} store
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} act
 * @returns {Promise<any>}
 */
async function transact(store, mode, act) {
  for (let tries = 2; ; tries -= 1) {
    try {
      const database = await open();
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(store, mode);
        const asked = act(transaction.objectStore(store));
        transaction.oncomplete = () => resolve(asked.result);
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
      });
    } catch (error) {
      opening = null;
      if (tries === 1) throw error;
    }
  }
}

/** @param {string} key @returns {Promise<any>} */
export const read = (key) => transact("kept", "readonly", (store) => store.get(key));
/** @param {string} key @param {unknown} value */
export const keep = (key, value) => transact("kept", "readwrite", (store) => store.put(value, key));
/** @param {string} key */
export const forget = (key) => transact("kept", "readwrite", (store) => store.delete(key));

/** @returns {Promise<any[]>} */
export const listOutbox = () => transact("outbox", "readonly", (store) => store.getAll());
/** @param {unknown} entry */
export const keepInOutbox = (entry) => transact("outbox", "readwrite", (store) => store.put(entry));
/** @param {string} id */
export const forgetInOutbox = (id) => transact("outbox", "readwrite", (store) => store.delete(id));

/** Delete everything that this device keeps. */
export async function forgetAll() {
  await transact("kept", "readwrite", (store) => store.clear());
  await transact("outbox", "readwrite", (store) => store.clear());
}
