import { startTransition, useCallback, useEffect, useOptimistic, useRef, useState, type FormEvent } from "react";
import { ApiError, SessionEnded, todos, type Change, type Todo, type User } from "./api";
import { clearDraft, draftOf, keepDraft } from "./draft";

type Attempt = (work: () => Promise<void>) => Promise<boolean>;

export function Todos({ user, onEnded }: { user: User; onEnded: () => void }) {
  const [items, setItems] = useState<Todo[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [status, setStatus] = useState("");
  const [error, setError] = useState("");

  /** Does it, and says what went wrong. Whether it worked. */
  const attempt: Attempt = useCallback(async (work) => {
    setError("");
    setStatus("");
    try {
      await work();
      return true;
    } catch (failure) {
      if (failure instanceof SessionEnded) onEnded();
      else if (failure instanceof ApiError) setError(failure.message);
      else setError("The site can't be reached. Check your connection and try again.");
      return false;
    }
  }, [onEnded]);

  const loading = useRef(false);
  const load = useCallback(async (cursor?: string) => {
    // A second click must not add the same page again.
    if (loading.current) return;
    loading.current = true;
    await attempt(async () => {
      const page = await todos.page(cursor);
      setItems((before) => [...((cursor && before) || []), ...page.items]);
      setNext(page.next);
    });
    loading.current = false;
  }, [attempt]);

  useEffect(() => void load(), [load]);

  const replace = (todo: Todo) => setItems((all) => all?.map((it) => (it.id === todo.id ? todo : it)) ?? null);
  const drop = (todo: Todo) => setItems((all) => all?.filter((it) => it.id !== todo.id) ?? null);

  /** A write that shows the current todo if it was changed or deleted elsewhere. */
  const write = (todo: Todo, work: () => Promise<void>) => attempt(async () => {
    try {
      await work();
    } catch (failure) {
      const status = failure instanceof ApiError ? failure.status : 0;
      if (status === 404) drop(todo);
      if (status === 412) replace(await todos.get(todo));
      throw status === 412 ? new ApiError(status, { detail: "This todo was changed somewhere else." }) : failure;
    }
  });

  return (
    <>
      <h1>Todos</h1>
      <NewTodo user={user} attempt={attempt} onAdded={(todo) => setItems((all) => [todo, ...(all ?? [])])} />
      {error && <p role="alert" data-test="error">{error}</p>}
      <p role="status" className="visually-hidden" data-test="status">{status}</p>
      {items === null && !error && <p data-test="skeleton">Loading…</p>}
      {items === null && error && <button onClick={() => load()}>Try again</button>}
      {items?.length === 0 && <p data-test="empty">Nothing to do yet.</p>}
      <ul>
        {items?.map((todo) => (
          <Row
            key={todo.id}
            todo={todo}
            onChange={(change) => write(todo, async () => {
              const changed = await todos.change(todo, change);
              replace(changed);
              setStatus(change.description ? "Saved" : changed.completed ? "Completed" : "Open again");
            })}
            onRemove={() => write(todo, async () => {
              await todos.remove(todo);
              drop(todo);
              setStatus("Deleted");
            })}
          />
        ))}
      </ul>
      {next && <button onClick={() => load(next)} data-test="load-more">Load more</button>}
    </>
  );
}

function NewTodo({ user, attempt, onAdded }: { user: User; attempt: Attempt; onAdded: (todo: Todo) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [fault, setFault] = useState("");
  // What is sent again after a failure has the same key, so that it is added once.
  const failed = useRef({ text: "", key: "" });

  async function submit(event: FormEvent) {
    event.preventDefault();
    const field = input.current!;
    const text = field.value.trim();
    setFault(text ? "" : "Write what there is to do.");
    if (!text) return;
    const key = failed.current.text === text ? failed.current.key : crypto.randomUUID();
    failed.current = { text: "", key: "" };
    field.value = "";
    keepDraft(user.sub, text);
    if (await attempt(async () => onAdded(await todos.add(text, key)))) {
      if (draftOf(user.sub) === text) clearDraft();
    } else {
      failed.current = { text, key };
      field.value ||= text;
    }
  }

  return (
    <form className="new" onSubmit={submit}>
      <input
        ref={input} defaultValue={draftOf(user.sub)} autoFocus aria-label="What is there to do?"
        placeholder="What is there to do?" aria-invalid={fault !== ""} data-test="new-todo"
      />
      <button data-test="add-todo">Add</button>
      {fault && <p role="alert" data-test="error">{fault}</p>}
    </form>
  );
}

type RowProps = {
  todo: Todo;
  onChange: (change: Change) => Promise<boolean>;
  onRemove: () => void;
};

function Row({ todo, onChange, onRemove }: RowProps) {
  const [editing, setEditing] = useState(false);
  const [completed, showCompleted] = useOptimistic(todo.completed);

  const toggle = (completed: boolean) => startTransition(async () => {
    showCompleted(completed);
    await onChange({ completed });
  });

  async function save(form: FormData) {
    if (await onChange({ description: String(form.get("description")).trim() })) setEditing(false);
  }

  return (
    <li data-test="todo" data-id={todo.id}>
      <input
        type="checkbox" checked={completed} onChange={(event) => toggle(event.target.checked)}
        aria-label={`Done: ${todo.description}`} data-test="todo-toggle"
      />
      <span className={completed ? "done" : ""} data-test="todo-text">{todo.description}</span>
      <button onClick={() => setEditing(!editing)} aria-label={`Edit ${todo.description}`} data-test="todo-edit">Edit</button>
      <button onClick={onRemove} aria-label={`Delete ${todo.description}`} data-test="todo-delete">Delete</button>
      {editing && (
        <form onSubmit={(event) => { event.preventDefault(); save(new FormData(event.currentTarget)); }}>
          <input name="description" defaultValue={todo.description} autoFocus aria-label="Description" data-test="todo-edit-input" />
          <button data-test="todo-save">Save</button>
        </form>
      )}
    </li>
  );
}
