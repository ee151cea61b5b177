import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const FOLDER = new URL("../assets/", import.meta.url);
const FILES = readdirSync(FOLDER);
const read = (name) => readFileSync(new URL(name, FOLDER), "utf8");
const MODULES = FILES.filter((name) => name.endsWith(".js"));
const PAGE = read("index.html");

test("the page has nothing inline that the content security policy forbids", () => {
  const scripts = [...PAGE.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag);
  assert.ok(scripts.length > 0 && scripts.every((tag) => tag.includes(' src="{{assets}}/')));
  assert.doesNotMatch(PAGE, /<style\b|\sstyle=|\son[a-z]+=|javascript:|data:/i);
});

test("no module makes HTML or code from text", () => {
  for (const name of MODULES) {
    assert.doesNotMatch(read(name), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|createContextualFragment/, name);
  }
});

test("whatever is referred to exists, and whatever exists is referred to", () => {
  const used = new Set(["index.html", ...[...PAGE.matchAll(/\{\{assets\}\}\/([\w.-]+)/g)].map(([, name]) => name)]);
  for (const [, imported] of read("app.css").matchAll(/@import "\.\/([\w.-]+)"/g)) used.add(imported);
  for (const name of MODULES) for (const [, imported] of read(name).matchAll(/from "\.\/([\w.-]+)"/g)) used.add(imported);
  assert.deepEqual([...used].sort(), [...FILES].sort());
});

test("the bundle has no address of its source map", () => {
  for (const name of ["app.js", "app.css"]) {
    assert.doesNotMatch(readFileSync(new URL(`../bundle/${name}`, import.meta.url), "utf8"), /sourceMappingURL/);
  }
});

test("the sign-out form may say where it comes from", () => {
  assert.match(PAGE, /<meta name="referrer" content="same-origin">/);
  assert.match(PAGE, /<form [^>]*method="post" action="\/signout">/);
});
