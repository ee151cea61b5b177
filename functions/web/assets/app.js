// The page: loads the session and shows the views of its user.

import { Account } from "./account.js";
import { Activity } from "./activity.js";
import { announce } from "./announce.js";
import { Api } from "./api.js";
import { watchConnection } from "./connection.js";
import { Drafts } from "./drafts.js";
import { fromTemplate, slot } from "./elements.js";
import { OwnSessions } from "./own-sessions.js";
import { SignedIn } from "./signed-in.js";
import { Session } from "./session.js";
import { stage } from "./stage.js";
import { Todos } from "./todos.js";
import { Trouble } from "./trouble.js";

const session = new Session();
const api = new Api(session);
const todos = new Todos(api);
const ownSessions = new OwnSessions(api, session);
const drafts = new Drafts(storage());
const account = new Account();
let opened = false;
let checking = false;
let signedIn = null;

// A style sheet that never loads would keep the whole page blank. Four seconds after the visit began.
setTimeout(() => {
  for (const link of document.querySelectorAll("link[rel=stylesheet]")) link.sheet || link.remove();
}, 4000 - performance.now());
session.onended = ended;
watchConnection();
globalThis.addEventListener("hashchange", () => signedIn?.go({ focus: true }));
// The session can end, or another user can sign in, while the page is in the background.
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && recheck());
globalThis.addEventListener("focus", () => recheck());
globalThis.addEventListener("pagehide", () => signedIn?.settle());
globalThis.addEventListener("pageshow", (event) => event.persisted && recheck());
const activity = new Activity(recheck);
for (const sign of ["pointerdown", "keydown"]) document.addEventListener(sign, () => activity.seen(), { passive: true });
// The page uses no query: removes it from the address bar.
if (location.search) history.replaceState(null, "", location.pathname + location.hash);
document.querySelector(".skip-link").addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("main").focus();
});
open();

async function open() {
  // The server saw no session cookie when it sent this page. The browser's history may be older.
  const [visit] = performance.getEntriesByType("navigation");
  if (document.documentElement.dataset.view === "welcome" && visit?.type !== "back_forward") {
    opened = true;
    return welcome();
  }
  try {
    const found = await session.load();
    opened = true;
    if (found.user) begin(found);
    else welcome();
  } catch (failure) {
    const panel = fromTemplate("failed");
    stage(panel, "");
    new Trouble(slot(panel)).show(failure, open, { unattended: true });
  }
}

function begin(found) {
  announce("");
  // Another user's view, if the session changed in another tab.
  signedIn?.leave();
  drafts.open(found.user.sub);
  const place = drafts.comeBack();
  if (place && !location.hash) history.replaceState(null, "", place);
  account.show(found.user, { onSignOut: signOut });
  signedIn = new SignedIn(found, { todos, drafts, ownSessions });
  signedIn.go();
}

function welcome() {
  account.clear();
  const view = document.querySelector("main > .welcome") ?? fromTemplate("welcome");
  view.addEventListener("click", (event) => event.target.closest("a") && drafts.leave(location.hash));
  stage(view, "");
}

function ended() {
  if (!signedIn) return;
  signedIn.leave();
  signedIn = null;
  // The last announcement names a todo of the user.
  announce("");
  account.clear();
  drafts.leave(location.hash);
  stage(fromTemplate("ended"), "Session ended", { focus: true });
}

async function recheck() {
  // Returning to a tab fires more than one event.
  if (!opened || checking) return;
  checking = true;
  const found = await session.load().catch(() => null);
  checking = false;
  if (!found) return;
  if (!found.user) ended();
  else if (signedIn?.user.sub === found.user.sub) signedIn.refresh(found);
  else begin(found);
}

// Offline, the browser would show its own error page and lose what was typed. Pending deletions
// are sent first, while there is a session.
async function signOut(event) {
  if (!navigator.onLine) return event.preventDefault();
  if (signedIn?.settled ?? true) return drafts.clear();
  event.preventDefault();
  const form = event.target;
  // Not for long: on a shared computer, the user may walk away before this is done.
  const late = new Promise((resolve) => setTimeout(resolve, 3000));
  await Promise.race([signedIn.settle(), late]).catch(() => {});
  drafts.clear();
  // The form is gone if the session has ended meanwhile; the user may still be signed in at the provider.
  if (!form.isConnected) document.body.append(form);
  form.submit();
}

function storage() {
  try {
    return globalThis.sessionStorage;
  } catch {
    return null;
  }
}
