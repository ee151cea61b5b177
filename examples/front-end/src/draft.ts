// What couldn't be saved, kept in this tab for its user until the next sign-in.

const KEY = "draft";

export function keepDraft(sub: string, text: string) {
  sessionStorage.setItem(KEY, JSON.stringify({ sub, text }));
}

export function draftOf(sub: string): string {
  const draft = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
  return draft.sub === sub ? draft.text : "";
}

export function clearDraft() {
  sessionStorage.removeItem(KEY);
}
