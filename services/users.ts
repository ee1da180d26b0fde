/**
 * Users and their profiles.
 *
 * @module
 */

import type { Page } from "@/contracts/envelope.ts";
import type { Profile, ProfileChange, User, UserChange, UserQuery } from "@/contracts/users.ts";
import type { Actor } from "@/domain/actor.ts";

export interface UsersService {
  /** Admins only. */
  list(actor: Actor, query: UserQuery): Promise<Page<User>>;
  /** Oneself or an admin. Fails with `NOT_FOUND`. */
  get(actor: Actor, userId: string): Promise<User>;
  /** Role, suspension, name; admins only, audited. Fails with `LAST_ADMIN`, `NOT_FOUND`. */
  change(actor: Actor, userId: string, change: UserChange): Promise<User>;
  /** Soft delete by oneself or an admin: e-mail, name and profile are erased, sessions end, entries stay anonymous. Fails with `LAST_ADMIN`. */
  remove(actor: Actor, userId: string, reason?: string): Promise<void>;
  /** Oneself or an admin. */
  getProfile(actor: Actor, userId: string): Promise<Profile>;
  /** Oneself or an admin; a change of the shown name takes a number in the log of every competition joined. */
  changeProfile(actor: Actor, userId: string, change: ProfileChange): Promise<Profile>;
}
