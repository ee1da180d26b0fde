import { CopyButton } from "@/components/CopyButton.tsx";
import type { Snippet } from "@/components/docs/snippets.ts";

/** A piece of code with a button that copies it; without script it is just selected by hand. */
export default function CopyCode({ title, code }: Snippet) {
  return (
    <div class="snippet">
      <div class="snippet-bar">
        <span>{title}</span>
        <CopyButton text={code} />
      </div>
      <pre tabIndex={0} role="region" aria-label={title}><code>{code}</code></pre>
    </div>
  );
}
