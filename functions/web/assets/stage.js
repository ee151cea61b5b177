// The one view that is on the page, its title and the focus.

const MAIN = document.getElementById("main");

// The server gives the page the product's name as its title.
const PRODUCT = document.title;

export function stage(element, title, { focus = false } = {}) {
  document.title = title ? `${title} · ${PRODUCT}` : PRODUCT;
  // A view that the server sent keeps its focus.
  if (element.parentNode !== MAIN) MAIN.replaceChildren(element);
  MAIN.removeAttribute("aria-busy");
  if (!focus) return;
  globalThis.scrollTo(0, 0);
  element.querySelector("h1").focus({ preventScroll: true });
}
