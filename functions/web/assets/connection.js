// Shows a banner while the browser is offline.

import { announce } from "./announce.js";

export function watchConnection() {
  const banner = document.getElementById("offline");
  const show = () => {
    banner.hidden = navigator.onLine;
  };
  globalThis.addEventListener("offline", show);
  globalThis.addEventListener("online", () => {
    show();
    announce("You are back online.");
  });
  show();
}
