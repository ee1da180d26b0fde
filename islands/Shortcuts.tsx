import { useEffect, useRef, useState } from "preact/hooks";
import { pressKey, type Shortcut } from "@/components/frame/key_path.ts";
import type { PageShortcut } from "@/components/frame/page_shortcuts.ts";

const SEARCH: Shortcut = { keys: "/", label: "Search this list" };
const HELP: Shortcut = { keys: "?", label: "Show these keys" };

/** Keyboard shortcuts of the page, and the list of them. */
export default function Shortcuts({ pages }: { pages: PageShortcut[] }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isReady, setReady] = useState(false);
  const all: Shortcut[] = [SEARCH, HELP, ...pages];

  useEffect(() => {
    setReady(true);
    let pending = "";
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || dialog.current?.open) return;
      const step = pressKey(all, pending, event.key);
      pending = step.pending;
      if (!step.hit) return;
      event.preventDefault();
      run(step.hit, dialog.current);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);

  return (
    <div class="keys-tool">
      <button
        type="button"
        class="keys-button"
        disabled={!isReady}
        onClick={() => dialog.current?.showModal()}
      >
        Keyboard <kbd>?</kbd>
      </button>
      <dialog class="dialog" ref={dialog} aria-label="Keyboard shortcuts">
        <h2>Keyboard shortcuts</h2>
        <dl class="keys">
          {all.map(({ keys, label }) => (
            <div key={keys}>
              <dt>{label}</dt>
              <dd>
                {keys.split(" ").map((key, i) => (
                  <span key={key}>
                    {i > 0 ? " " : ""}
                    <kbd>{key}</kbd>
                  </span>
                ))}
              </dd>
            </div>
          ))}
        </dl>
        <form method="dialog">
          <button type="submit" class="button wide">Close</button>
        </form>
      </dialog>
    </div>
  );
}

/** Keys belong to the field that has the focus, and to the browser while a modifier is held. */
function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  return event.target instanceof Element &&
    event.target.closest("input, textarea, select, [contenteditable]") !== null;
}

function run(shortcut: Shortcut, dialog: HTMLDialogElement | null): void {
  if (shortcut.keys === HELP.keys) dialog?.showModal();
  else if (shortcut.keys === SEARCH.keys) {
    const field = document.querySelector<HTMLInputElement>("input[type=search]");
    field?.focus();
    field?.select();
  } else location.assign((shortcut as PageShortcut).href);
}
