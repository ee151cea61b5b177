// Says what happened to those who do not see it.

export function announce(sentence) {
  const status = document.getElementById("status");
  // The same sentence twice is no change, and would not be said again.
  status.textContent = status.textContent === sentence ? `${sentence}\u00a0` : sentence;
}
