// Refuses casts, `any`, `!` and comments that silence the compiler. Run: node no-casts.ts FILE...

import { readFileSync } from "node:fs";

import ts from "typescript";

const REFUSED = new Map([
  [ts.SyntaxKind.AsExpression, "a cast"],
  [ts.SyntaxKind.TypeAssertionExpression, "a cast"],
  [ts.SyntaxKind.AnyKeyword, "any"],
  [ts.SyntaxKind.NonNullExpression, "!"],
]);

function* faults(file: ts.SourceFile, node: ts.Node = file): Generator<string> {
  const where = () => `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`;
  const refused = REFUSED.get(node.kind);
  if (refused) yield `${where()}: ${refused}`;
  for (const child of node.getChildren(file)) yield* faults(file, child);
}

const found = process.argv.slice(2).flatMap((name) => {
  const text = readFileSync(name, "utf8");
  const silenced = /@ts-(ignore|expect-error|nocheck)/.test(text) ? [`${name}: a comment silences the compiler`] : [];
  return [...faults(ts.createSourceFile(name, text, ts.ScriptTarget.Latest)), ...silenced];
});
for (const fault of found) console.error(fault);
process.exit(found.length ? 1 : 0);
