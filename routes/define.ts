/** The state that every page and page handler gets, and the typed identities for route files. */

import { createDefine } from "fresh";
import type { ApiDocument } from "@/components/docs/api_document.ts";
import type { Account } from "@/contracts/auth.ts";
import type { Settings } from "@/contracts/settings.ts";
import type { Actor } from "@/domain/actor.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { Viewer } from "@/components/TimeText.tsx";
import type { FlashMessage } from "@/components/Flash.tsx";
import type { SignInOrigin } from "@/services/accounts/accounts.ts";
import type { Services } from "@/services/mod.ts";
import type { Upload } from "@/services/activity/uploads.ts";

/** Filled by `pageState()` before any page runs. */
export interface State {
  services: Services;
  actor: Actor;
  /** The signed-in person; null for visitors. */
  account: Account | null;
  /** Zone and language to write instants in; `isChosen` when the person chose the zone. */
  view: Viewer;
  /** For the hidden field `_csrf`; empty for visitors, whose forms rest on the origin check. */
  csrfToken: string;
  requestId: string;
  /** Where a sign-in on this request would come from. */
  origin: SignInOrigin;
  /** Scheme and host that links for other people start with. */
  publicUrl: string;
  /** Whether cookies are for HTTPS only. */
  isSecure: boolean;
  /** What admins decided for the whole platform. */
  settings: Readonly<Settings>;
  /** Reviews that wait for this person's decision, beside the menu; 0 outside of the panel. */
  reviewsWaiting: number;
  /** Notices that the person has not read; counted for the panel's menu. */
  noticesUnread: number;
  /** What the last action said, shown once. */
  flash: FlashMessage | null;
  /** The posted form, its CSRF token already checked; empty for GET. */
  form: FormData;
  /** The file of an upload form. */
  upload: Upload | undefined;
  /** All files, on pages that take several. */
  uploads: readonly Upload[];
  nowMs: EpochMs;
  /** The OpenAPI document of this server, for the pages under `/docs`. */
  apiDocument(): ApiDocument;
}

export const define = createDefine<State>();
