// Pseudo-locales: they turn each English text into one that is longer and accented, to find texts outside the language file.

const ACCENTED = new Map([..."aeioucnyAEIOUCNY"].map((letter, index) => [letter, [..."àéîöüçñýÀÉÎÖÜÇÑÝ"][index] ?? letter]));

/** @param {string} text */
function accent(text) {
  const parts = text.split(/(\{\w+\})/);
  const accented = parts.map((part) => (part.startsWith("{") ? part : [...part].map((letter) => ACCENTED.get(letter) ?? letter).join("")));
  return `[${accented.join("")}${" ~~~~~".repeat(Math.ceil(text.length / 24))}]`;
}

/**
 * Return all texts in a pseudo-locale.
 * @param {any} texts a text, or an object of texts
 * @param {boolean} mirrored whether the texts run from right to left
 * @returns {any}
 */
export function translate(texts, mirrored) {
  if (typeof texts === "string") return mirrored ? `\u202e${accent(texts)}\u202c` : accent(texts);
  return Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, translate(value, mirrored)]));
}
