import { useCallback, useEffect, useRef, useState } from "react";
import { loadUser, type User } from "./api";
import { clearDraft } from "./draft";
import { Todos } from "./todos";

type Session = User | "loading" | "failed" | "ended" | null;

const ACTIVE_MS = 5 * 60_000;

/** Back to this place after the sign-in. */
const signIn = () => `/signin?${new URLSearchParams({ return_to: location.pathname + location.hash })}`;

export function App() {
  const [session, setSession] = useState<Session>("loading");
  const end = useCallback(() => setSession("ended"), []);
  const checked = useRef(0);

  const check = useCallback(async () => {
    checked.current = Date.now();
    const user = await loadUser().catch(() => "failed" as const);
    setSession((before) => {
      const signedIn = before !== null && typeof before === "object";
      if (user === "failed") return before === "loading" ? user : before;
      if (user === null) return signedIn || before === "ended" ? "ended" : null;
      return signedIn && before.sub === user.sub ? before : user;
    });
  }, []);

  useEffect(() => {
    check();
    const listening = new AbortController();
    const on = (target: EventTarget, event: string, when: (event: Event) => boolean) =>
      target.addEventListener(event, (it) => void (when(it) && check()), { signal: listening.signal });
    const shown = () => document.visibilityState === "visible";
    const due = () => Date.now() - checked.current > ACTIVE_MS;
    // The session can end, or become another user's, in another tab.
    on(document, "visibilitychange", shown);
    on(window, "focus", shown);
    on(window, "pointerdown", due);
    on(window, "keydown", due);
    on(window, "pageshow", (event) => (event as PageTransitionEvent).persisted);
    return () => listening.abort();
  }, [check]);

  const user = session !== null && typeof session === "object" ? session : null;
  return (
    <>
      <header>
        <strong>Todos</strong>
        {user && (
          <form method="post" action="/signout" onSubmit={clearDraft}>
            <span data-test="user-name">{user.name ?? user.username ?? user.email}</span>
            <button data-test="sign-out">Sign out</button>
          </form>
        )}
      </header>
      <main id="main" aria-busy={session === "loading" || undefined}>
        {user && <Todos key={user.sub} user={user} onEnded={end} />}
        {session === null && (
          <section data-test="welcome">
            <h1>Keep your todos</h1>
            <p>Sign in to see your list.</p>
            <a className="button" href={signIn()} data-test="sign-in">Sign in</a>{" "}
            <a href={`${signIn()}&prompt=create`} data-test="sign-up">Create an account</a>
          </section>
        )}
        {session === "ended" && (
          <section data-test="session-ended">
            <h1>Your session has ended</h1>
            <p>Sign in again to go on where you were.</p>
            <a className="button" href={signIn()} data-test="sign-in">Sign in again</a>
          </section>
        )}
        {session === "failed" && (
          <section>
            <h1>The site can't be reached</h1>
            <button onClick={check}>Try again</button>
          </section>
        )}
      </main>
    </>
  );
}
