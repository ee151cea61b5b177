import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

// WCAG 2.2: 4.5:1 for text (1.4.3), 3:1 for borders of controls and focus (1.4.11).
const TEXT = 4.5;
const CONTROL = 3;
const PAIRS = [
  ...["ground", "surface", "sunken"].flatMap((ground) => [["ink", ground, TEXT], ["muted", ground, TEXT]]),
  ["accent", "ground", TEXT],
  ["on-accent", "accent", TEXT],
  ["on-accent", "accent-strong", TEXT],
  ["accent-strong", "accent-soft", TEXT],
  ["accent-strong", "surface", TEXT],
  ["danger", "danger-soft", TEXT],
  ["danger", "surface", TEXT],
  ["ink", "danger-soft", TEXT],
  ["amber-ink", "amber-soft", TEXT],
  ["accent", "surface", CONTROL],
  ["accent", "sunken", CONTROL],
  ["accent", "danger-soft", CONTROL],
  ...["ground", "surface", "sunken", "danger-soft"].map((ground) => ["edge", ground, CONTROL]),
];

const [light, dark] = readFileSync(new URL("../assets/theme.css", import.meta.url), "utf8")
  .split("@media (prefers-color-scheme: dark)")
  .map((part) => new Map([...part.matchAll(/--([\w-]+): #([0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex])));

for (const [scheme, colors] of Object.entries({ light, dark })) {
  test(`colors can be told apart in the ${scheme} scheme`, () => {
    for (const [front, ground, least] of PAIRS) {
      const ratio = contrast(colors.get(front), colors.get(ground));
      assert.ok(ratio >= least, `${front} on ${ground}: ${ratio.toFixed(2)}, needs ${least}`);
    }
  });
}

function contrast(one, other) {
  const [dim, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dim + 0.05);
}

function luminance(hex) {
  const [red, green, blue] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
