// Text that is not saved yet. It survives a reload and a sign-in in this tab. It belongs to one
// user: another one who signs in doesn't see it.

const KEY = "tollgate.drafts";
const PLACE = "tollgate.place";
const NOTHING = { owner: null, box: { text: "" }, outbox: [], edits: {}, deletions: [] };

export class Drafts {
  #storage;
  #drafts;

  constructor(storage) {
    this.#storage = storage;
    this.#drafts = { ...structuredClone(NOTHING), ...this.#read() };
  }

  open(owner) {
    if (this.#drafts.owner === owner) return;
    this.#drafts = { ...structuredClone(NOTHING), owner };
    this.#write();
  }

  // The new-todo box: `{text, key}`, with a key once it was sent and came back.
  get box() {
    return this.#drafts.box;
  }

  set box(box) {
    this.#drafts.box = box;
    this.#write();
  }

  // New todos that were sent and not confirmed: `[{text, key}]`, oldest first.
  get outbox() {
    return this.#drafts.outbox;
  }

  set outbox(outbox) {
    this.#drafts.outbox = outbox;
    this.#write();
  }

  // Unsaved edits: `{id: {text, base}}`; `base` is the description they began with.
  get edits() {
    return this.#drafts.edits;
  }

  keepEdit(id, edit) {
    this.#drafts.edits[id] = edit;
    this.#write();
  }

  dropEdit(id) {
    delete this.#drafts.edits[id];
    this.#write();
  }

  // Deleted todos whose deletion the API may not have received: `[{id, version}]`.
  get deletions() {
    return this.#drafts.deletions;
  }

  set deletions(deletions) {
    this.#drafts.deletions = deletions.map(({ id, version }) => ({ id, version }));
    this.#write();
  }

  clear() {
    this.#drafts = structuredClone(NOTHING);
    this.#attempt(() => this.#storage.removeItem(KEY));
  }

  // The view to return to after a sign-in.
  leave(place) {
    this.#attempt(() => this.#storage.setItem(PLACE, place));
  }

  comeBack() {
    const place = this.#attempt(() => this.#storage.getItem(PLACE));
    this.#attempt(() => this.#storage.removeItem(PLACE));
    return place ?? null;
  }

  #read() {
    return this.#attempt(() => Object(JSON.parse(this.#storage.getItem(KEY) ?? "{}"))) ?? {};
  }

  #write() {
    this.#attempt(() => this.#storage.setItem(KEY, JSON.stringify(this.#drafts)));
  }

  // Storage can be blocked or full: then drafts last as long as the page.
  #attempt(action) {
    try {
      return action();
    } catch {
      return undefined;
    }
  }
}
