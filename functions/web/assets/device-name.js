// A session in the words of its list. A device says what it likes of itself, so
// the words name what is not known as such.

export function described({ device, address, created_at, last_seen_at }) {
  return {
    name: nameOf(device ?? {}),
    where: typeof address === "string" ? address : "",
    created: dateOf(created_at) ?? new Date(0),
    seen: dateOf(last_seen_at),
  };
}

function nameOf({ browser, system }) {
  if (browser && system) return `${browser} on ${system}`;
  if (browser || system) return browser || `A browser on ${system}`;
  return "An unknown browser";
}

function dateOf(text) {
  const date = new Date(text ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date;
}
