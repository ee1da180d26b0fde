import type { ComponentChildren } from "preact";

/** Says that there is nothing yet and what to do about it. */
export function EmptyState(
  { title, text, children }: { title: string; text: string; children?: ComponentChildren },
) {
  return (
    <div class="empty">
      <svg viewBox="0 0 88 56" aria-hidden="true">
        <g fill="none" stroke="var(--line-strong)" stroke-width="2" stroke-linejoin="round">
          <path d="M20 7h62l-4 11H16z" stroke-dasharray="4 4" />
          <path d="M13 24h46l-4 11H9z" stroke-dasharray="4 4" />
          <path d="M6 41h30l-4 11H2z" stroke-dasharray="4 4" />
        </g>
      </svg>
      <h2>{title}</h2>
      <p>{text}</p>
      {children ? <div class="actions">{children}</div> : null}
    </div>
  );
}
