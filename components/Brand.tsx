import { Mark } from "./Mark.tsx";

/** Mark and name, leading home. */
export function Brand({ href }: { href: string }) {
  return (
    <a class="brand" href={href}>
      <Mark />
      <span>Paceboard</span>
    </a>
  );
}
