/** The panel's menu: who sees which pages, and which one is open. */

import type { Role } from "@/domain/actor.ts";
import type { IconName } from "../Icon.tsx";

/** A page of the menu. */
export interface NavItem {
  href: string;
  label: string;
  icon: IconName;
  /** Left out of the phone's bar; the account menu has it. */
  isMinor?: boolean;
  /** How many things wait there; 0 shows nothing. */
  waiting?: number;
}

/** A titled part of the menu. */
export interface NavGroup {
  title: string;
  items: NavItem[];
}

/** Whether the role opens the panel's management pages. */
export function isStaffRole(role: Role): boolean {
  return role !== "member";
}

/** Whether the role decides reviews: of all competitions, or of its own. */
export function isReviewerRole(role: Role): boolean {
  return role === "referee" || role === "organiser" || role === "admin";
}

/** Whether the role decides orders and reads the ledger. */
export function isFinanceRole(role: Role): boolean {
  return role === "finance" || role === "admin";
}

/** The menu of a role.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { navigationFor } from "@/components/frame/navigation.ts";
 *
 * assertEquals(navigationFor("member").map((group) => group.title), ["You"]);
 * assertEquals(navigationFor("admin")[0]?.items.at(-1)?.href, "/admin/audit");
 * ```
 */
export function navigationFor(role: Role, reviewsWaiting = 0, noticesUnread = 0): NavGroup[] {
  const own: NavGroup = {
    title: "You",
    items: [
      { href: "/me", label: "My page", icon: "person" },
      { href: "/me/upload", label: "Upload", icon: "upload" },
      { href: "/me/activities", label: "Sessions", icon: "clock", isMinor: isStaffRole(role) },
      { href: "/me/wallet", label: "Wallet", icon: "wallet", isMinor: true },
      {
        href: "/me/notices",
        label: "Notices",
        icon: "bell",
        isMinor: isStaffRole(role),
        waiting: noticesUnread,
      },
      { href: "/", label: "Competitions", icon: "lanes", isMinor: isStaffRole(role) },
      { href: "/me/connections", label: "Connections", icon: "open", isMinor: true },
      { href: "/me/profile", label: "Profile", icon: "sliders", isMinor: true },
    ],
  };
  if (!isStaffRole(role)) return [own];
  const manage: NavItem[] = [
    { href: "/admin", label: "Overview", icon: "gauge" },
    { href: "/admin/competitions", label: "Competitions", icon: "flag" },
  ];
  if (isReviewerRole(role)) {
    manage.push({
      href: "/admin/reviews",
      label: "Reviews",
      icon: "review",
      isMinor: role === "admin",
      waiting: reviewsWaiting,
    });
  }
  if (isFinanceRole(role)) {
    const isMinor = role === "admin";
    manage.push(
      { href: "/admin/orders", label: "Orders", icon: "wallet", isMinor },
      { href: "/admin/ledger", label: "Ledger", icon: "ledger", isMinor },
    );
  }
  if (role === "admin") {
    manage.push(
      { href: "/admin/users", label: "Users", icon: "people" },
      { href: "/admin/jobs", label: "Jobs", icon: "clock", isMinor: true },
      { href: "/admin/api-keys", label: "API keys", icon: "key", isMinor: true },
      { href: "/admin/settings", label: "Settings", icon: "sliders", isMinor: true },
      { href: "/admin/audit", label: "Audit log", icon: "scroll", isMinor: true },
    );
  }
  const mine = own.items.map((item) =>
    item.href === "/" ? { ...item, label: "Public site", icon: "open" as const } : item
  );
  return [{ title: "Manage", items: manage }, { title: "You", items: mine }];
}

/** The menu page that a path belongs to: the longest that it begins with.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { currentHref, navigationFor } from "@/components/frame/navigation.ts";
 *
 * const groups = navigationFor("admin");
 * assertEquals(currentHref(groups, "/admin/competitions/new"), "/admin/competitions");
 * assertEquals(currentHref(groups, "/c/spring-cup"), undefined);
 * ```
 */
export function currentHref(groups: readonly NavGroup[], pathname: string): string | undefined {
  const hrefs = groups.flatMap(({ items }) => items.map(({ href }) => href));
  const fits = hrefs.filter((href) => {
    return pathname === href || (href !== "/" && pathname.startsWith(`${href}/`));
  });
  return fits.sort((a, b) => b.length - a.length)[0];
}
