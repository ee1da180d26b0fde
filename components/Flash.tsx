import { Icon } from "./Icon.tsx";

/** What an action said, kept over one redirect. */
export interface FlashMessage {
  tone: "good" | "warn" | "bad";
  text: string;
}

/** The message above the page; announced when it appears. */
export function Flash({ message }: { message: FlashMessage | null }) {
  return (
    <div role="status">
      {message
        ? (
          <p class="notice flash" data-tone={message.tone}>
            <Icon name={message.tone === "good" ? "check" : "alert"} />
            <span>{message.text}</span>
          </p>
        )
        : null}
    </div>
  );
}
