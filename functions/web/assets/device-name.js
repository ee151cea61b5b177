// A session in words. The device comes from the client and is not authenticated.

export function described({ device, address, created_at, last_seen_at }) {
  return {
    name: nameOf(device ?? {}),
    place: placeOf(address),
    created: dateOf(created_at) ?? new Date(0),
    seen: dateOf(last_seen_at),
  };
}

function nameOf({ browser, system }) {
  if (browser && system) return `${browser} on ${system}`;
  if (browser || system) return browser || `A browser on ${system}`;
  return "An unknown browser";
}

const LOOPBACK = /^(127\.|::1$)/;
// RFC 1918, RFC 6598 and RFC 3927; RFC 4193 and RFC 4291 (link-local).
const PRIVATE =
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|169\.254\.|f[cd]..:|fe[89ab].:)/;

// Empty if the address is unknown. An IPv4 address can be written as IPv6 (`::ffff:192.0.2.1`).
function placeOf(address) {
  if (typeof address !== "string") return "";
  const plain = address.replace(/^::ffff:(?=.*\.)/i, "");
  if (LOOPBACK.test(plain)) return "this computer";
  return PRIVATE.test(plain) ? "a private network" : plain;
}

function dateOf(text) {
  const date = new Date(text ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date;
}
