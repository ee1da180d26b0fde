import { Icon } from "./Icon.tsx";

/** What an action brings about, before it is done. */
export function Consequences({ texts }: { texts: readonly string[] }) {
  return (
    <ul class="consequences">
      {texts.map((text) => (
        <li key={text}>
          <Icon name="right" />
          {text}
        </li>
      ))}
    </ul>
  );
}
