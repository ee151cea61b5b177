// Calls to the API do not count as use of the session, asking for it does. Somebody who
// works in one tab for hours asks now and then, so that the idle limit means idle.

// Well under any sensible idle limit, and no more often than a session is written at most.
const OFTEN = 5 * 60_000;

export class Activity {
  #last;
  #check;
  #now;

  constructor(check, now = Date.now) {
    this.#check = check;
    this.#now = now;
    this.#last = now();
  }

  // What somebody does in the page.
  seen() {
    if (this.#now() - this.#last < OFTEN) return;
    this.#last = this.#now();
    this.#check();
  }
}
