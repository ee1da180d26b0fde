import { useContext } from "preact/hooks";
import { Mark } from "./Mark.tsx";
import { SiteName } from "./site_name.ts";

/** Mark and name, leading home. */
export function Brand({ href }: { href: string }) {
  return (
    <a class="brand" href={href}>
      <Mark />
      <span>{useContext(SiteName)}</span>
    </a>
  );
}
