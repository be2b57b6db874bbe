// The file of an export: a ZIP, of which rekindle.json and the photos are read. See APPNOTE.TXT of the ZIP format, 4.3.

const NAME = "rekindle.json";
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const TOO_LARGE = 0xffffffff; // the value in a field whose number has more than 32 bits

/** The file is not a ZIP with a readable export. */
export class NotAnExport extends Error {}

/** @typedef {{method: number, size: number, at: number}} Entry where a file of the ZIP begins, and its size there */
/** @typedef {{data: any, read: (name: string) => Promise<Blob | null>}} Archive the export, and its other files by name */

/**
 * Open an export. Throws NotAnExport.
 * @param {Blob} file the ZIP, or the rekindle.json from it
 * @returns {Promise<Archive>}
 */
export async function openExport(file) {
  try {
    const start = new Uint8Array(await file.slice(0, 1).arrayBuffer());
    if (start[0] === 0x7b) return { data: JSON.parse(await file.text()), read: async () => null }; // 0x7b: {
    const entries = await listEntries(file);
    const main = entries.get(NAME);
    if (!main) throw new NotAnExport(`no ${NAME}`);
    const data = JSON.parse(await (await unpack(file, main)).text());
    return { data, read: (name) => readEntry(file, entries.get(name)) };
  } catch (caught) {
    throw new NotAnExport("no readable export", { cause: caught });
  }
}

/** Return a file of the ZIP, or null if it is missing or damaged. @param {Blob} file @param {Entry | undefined} entry */
async function readEntry(file, entry) {
  try {
    return entry ? await unpack(file, entry) : null;
  } catch {
    return null;
  }
}

/** @param {Blob} file @param {Entry} entry @returns {Promise<Blob>} */
async function unpack(file, { method, size, at }) {
  const local = new DataView(await file.slice(at, at + LOCAL_BYTES).arrayBuffer());
  const from = at + LOCAL_BYTES + local.getUint16(26, true) + local.getUint16(28, true);
  const data = file.slice(from, from + size);
  if (method === STORED) return data;
  if (method !== DEFLATED) throw new NotAnExport(`method ${method}`);
  return new Response(data.stream().pipeThrough(new DecompressionStream("deflate-raw"))).blob();
}

/** Read the directory at the end of the file. @param {Blob} file @returns {Promise<Map<string, Entry>>} */
async function listEntries(file) {
  const { count, at } = await findDirectory(file);
  const bytes = await file.slice(at).arrayBuffer();
  const view = new DataView(bytes);
  const entries = new Map();
  for (let number = 0, offset = 0; number < count && view.getUint32(offset, true) === ENTRY; number += 1) {
    const nameLength = view.getUint16(offset + 28, true);
    const name = new TextDecoder().decode(new Uint8Array(bytes, offset + ENTRY_BYTES, nameLength));
    const size = view.getUint32(offset + 20, true);
    const place = view.getUint32(offset + 42, true);
    if (size !== TOO_LARGE && place !== TOO_LARGE) entries.set(name, { method: view.getUint16(offset + 10, true), size, at: place });
    offset += ENTRY_BYTES + nameLength + view.getUint16(offset + 30, true) + view.getUint16(offset + 32, true);
  }
  return entries;
}

/** @param {Blob} file */
async function findDirectory(file) {
  const from = Math.max(0, file.size - END_BYTES - 0xffff); // a comment may follow
  const view = new DataView(await file.slice(from).arrayBuffer());
  for (let offset = view.byteLength - END_BYTES; offset >= 0; offset -= 1)
    if (view.getUint32(offset, true) === END) return { count: view.getUint16(offset + 10, true), at: view.getUint32(offset + 16, true) };
  throw new NotAnExport("no directory");
}
