// Write the sprite of icons that the web client uses, from the package lucide-static: `npm run icons`.
import { readFileSync, writeFileSync } from "node:fs";

const NAMES = `
accessibility arrow-left arrow-right armchair baby ban battery-medium bell bike book-open bookmark bookmark-check brush calendar calendar-days
calendar-plus camera check chevron-left chevron-right circle-alert circle-check circle-help clock cloud-rain coffee
coins cooking-pot copy dices door-open download ellipsis eye eye-off feather flag footprints frown gauge gift
graduation-cap hand-heart hand-helping heart heart-handshake house inbox info key-round leaf life-buoy lightbulb link
list list-filter lock log-out luggage mail map-pin meh message-circle moon notebook-pen palette pause pencil plus
printer qr-code refresh-cw repeat rotate-cw search send settings share-2 shield sliders-horizontal smartphone smile
sparkles sprout star sun tag thumbs-down thumbs-up ticket trash-2 trees undo-2 user user-plus users utensils
wallet wifi-off wind x
`.trim().split(/\s+/);

const symbols = NAMES.map((name) => {
  const source = readFileSync(new URL(`node_modules/lucide-static/icons/${name}.svg`, import.meta.url), "utf8");
  const shapes = source.replace(/<!--[^]*?-->/g, "").replace(/^[^]*?<svg[^>]*>|<\/svg>\s*$/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, "").trim()}</symbol>`;
});
const sprite = `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
writeFileSync(new URL("../../api/static/app/icons.svg", import.meta.url), sprite);
