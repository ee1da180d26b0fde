import { hueOf, initialsOf } from "./initials.ts";

/** Initials on the person's colour, beside the name. */
export function Avatar({ id, name }: { id: string; name: string }) {
  return (
    <span class="avatar" data-hue={hueOf(id)} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}
