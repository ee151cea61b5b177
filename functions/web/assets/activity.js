// API calls don't count as use of the session, `GET /session` does. A page that is in use sends
// it now and then, so that only idle sessions reach the idle limit.

// Milliseconds: far below any sensible idle limit; the server writes a session no more often.
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

  // The user did something in the page.
  seen() {
    if (this.#now() - this.#last < OFTEN) return;
    this.#last = this.#now();
    this.#check();
  }
}
