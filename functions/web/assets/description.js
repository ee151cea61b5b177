// The rules of a todo's description, as the API states them: 1 to 1000
// characters (not UTF-16 units) after trimming.

export const LONGEST = 1000;
const NEAR = 100;

export function judge(text) {
  const trimmed = text.trim();
  const length = [...trimmed].length;
  return { trimmed, length, fault: faultOf(length), near: length > LONGEST - NEAR };
}

function faultOf(length) {
  if (length === 0) return "Enter a description.";
  if (length <= LONGEST) return null;
  const over = length - LONGEST;
  return `${over} ${over === 1 ? "character" : "characters"} too long.`;
}
