/** How many notices somebody has not read, for the menu. */

import type { State } from "./define.ts";

export async function noticesUnread({ services, actor }: State): Promise<number> {
  if (actor.kind !== "user") return 0;
  const query = { page: 1, page_size: 1, unread: "true" } as const;
  return (await services.notices.list(actor, actor.userId, query)).total;
}
