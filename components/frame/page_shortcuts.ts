/** The keyboard shortcuts that open pages, by role. */

import type { Role } from "@/domain/actor.ts";
import type { Shortcut } from "./key_path.ts";
import { isReviewerRole, isStaffRole } from "./navigation.ts";

/** A shortcut that opens a page. */
export interface PageShortcut extends Shortcut {
  href: string;
}

/** The shortcuts of a role; visitors have those of the public pages. */
export function pageShortcuts(role: Role | undefined): PageShortcut[] {
  const pages: PageShortcut[] = [{ keys: "g h", label: "Public competitions", href: "/" }];
  if (role) {
    pages.push(
      { keys: "g m", label: "My page", href: "/me" },
      { keys: "g i", label: "Upload an activity", href: "/me/upload" },
    );
  }
  if (role && isStaffRole(role)) {
    pages.push(
      { keys: "g o", label: "Overview", href: "/admin" },
      { keys: "g c", label: "Competitions", href: "/admin/competitions" },
    );
  }
  if (role && isReviewerRole(role)) {
    pages.push({ keys: "g r", label: "Reviews", href: "/admin/reviews" });
  }
  if (role === "admin" || role === "organiser") {
    pages.push({ keys: "n", label: "New competition", href: "/admin/competitions/new" });
  }
  if (role === "admin") pages.push({ keys: "g u", label: "Users", href: "/admin/users" });
  return pages;
}
