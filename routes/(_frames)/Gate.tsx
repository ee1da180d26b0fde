import type { ComponentChildren } from "preact";
import { Flash } from "@/components/Flash.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageTitle } from "@/components/PageTitle.tsx";
import type { State } from "../define.ts";
import { SitePage } from "./SitePage.tsx";

const PROMISES = [
  "Ranks move the moment an activity arrives",
  "Every score can be traced to its record",
  "Watches and files count, no extra app needed",
];

/** The two halves of sign-in and registration: the form, and why to come in. */
export function Gate(
  { state, url, title, children }: {
    state: State;
    url: URL;
    title: string;
    children: ComponentChildren;
  },
) {
  return (
    <SitePage state={state} url={url} isWide>
      <PageTitle title={title} />
      <div class="gate">
        <div class="gate-form">
          <Flash message={state.flash} />
          <h1>{title}</h1>
          {children}
        </div>
        <div class="gate-art lanes">
          <p class="gate-line">Every metre on the board.</p>
          <ul class="promises">
            {PROMISES.map((promise) => (
              <li key={promise}>
                <Icon name="check" />
                {promise}
              </li>
            ))}
          </ul>
        </div>
      </div>
    </SitePage>
  );
}
