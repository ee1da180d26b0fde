import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { CopyButton } from "@/components/CopyButton.tsx";

const STORAGE_KEY = "paceboard.language";

/** The language chosen last: whoever reads one sample in it wants the others in it too. */
const chosen = signal("");

export interface CodeTab {
  title: string;
  code: string;
}

interface CodeTabsProps {
  /** Unique on the page. */
  id: string;
  label: string;
  tabs: CodeTab[];
}

/** The same code in several languages, one shown at a time; without script all are. */
export default function CodeTabs(props: CodeTabsProps) {
  const [isReady, setReady] = useState(false);
  useEffect(() => {
    chosen.value ||= storedLanguage();
    setReady(true);
  }, []);
  // The signal belongs to the browser: a server's would be shared by all its visitors.
  return isReady ? <Tabs {...props} /> : <AllTabs {...props} />;
}

function Tabs({ id, label, tabs }: CodeTabsProps) {
  const list = useRef<HTMLDivElement>(null);
  const open = Math.max(0, tabs.findIndex(({ title }) => title === chosen.value));
  const choose = (index: number) => {
    chosen.value = tabs[index]?.title ?? "";
    storeLanguage(chosen.value);
  };
  const press = (event: KeyboardEvent) => {
    const step = ({ ArrowRight: 1, ArrowLeft: -1 } as Record<string, number>)[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (open + step + tabs.length) % tabs.length;
    choose(next);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  const code = tabs[open]?.code ?? "";
  return (
    <div class="snippet code-tabs">
      <div class="snippet-bar">
        <div class="tablist" role="tablist" aria-label={label} ref={list} onKeyDown={press}>
          {tabs.map(({ title }, index) => (
            <button
              key={title}
              type="button"
              role="tab"
              id={`${id}-tab-${index}`}
              aria-selected={index === open}
              aria-controls={`${id}-panel`}
              tabIndex={index === open ? 0 : -1}
              onClick={() => choose(index)}
            >
              {title}
            </button>
          ))}
        </div>
        <CopyButton text={code} />
      </div>
      <pre
        id={`${id}-panel`}
        role="tabpanel"
        aria-labelledby={`${id}-tab-${open}`}
        tabIndex={0}
      ><code>{code}</code></pre>
    </div>
  );
}

/** What the server sends; a browser that runs scripts shows the first until `Tabs` takes over. */
function AllTabs({ label, tabs }: CodeTabsProps) {
  return (
    <div class="code-tabs-all">
      {tabs.map(({ title, code }) => (
        <div key={title} class="snippet">
          <div class="snippet-bar">
            <span>{title}</span>
          </div>
          <pre
            tabIndex={0}
            role="group"
            aria-label={`${label}, ${title}`}
          ><code>{code}</code></pre>
        </div>
      ))}
    </div>
  );
}

/** Storage may be switched off; then the choice lasts as long as the page. */
function storedLanguage(): string {
  try {
    return localStorage.getItem(STORAGE_KEY) ?? "";
  } catch {
    return "";
  }
}

function storeLanguage(title: string): void {
  try {
    localStorage.setItem(STORAGE_KEY, title);
  } catch {
    // Nothing is lost that a click does not bring back.
  }
}
