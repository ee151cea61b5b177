// Tells screen readers what happened.

export function announce(sentence) {
  const status = document.getElementById("status");
  // Screen readers ignore a live region whose text stays the same.
  status.textContent = status.textContent === sentence ? `${sentence}\u00a0` : sentence;
}
