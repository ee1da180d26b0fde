/** The product's API as an app uses it, to bring about what pages then show. */

import { PASSWORD } from "./stage.ts";

/** A competition by its names. */
export interface CompetitionRef {
  id: string;
  slug: string;
}

/** Somebody who takes part. */
export interface Participant {
  userId: string;
  token: string;
}

interface Call {
  body?: unknown;
  form?: FormData;
  token?: string;
}

const HOUR_MS = 3_600_000;

/** Signs in and gives the calls that scenarios need. */
export async function createApi(url: string, admin: { email: string; password: string }) {
  const call = caller(url);
  const { accessToken } = await call("/auth/login", { body: admin }) as { accessToken: string };
  return {
    /** A published competition that is under way, of direct scores unless told. */
    async makeCompetition(fields: Record<string, unknown>): Promise<CompetitionRef> {
      const now = Date.now();
      const body = {
        startsAt: new Date(now - HOUR_MS).toISOString(),
        endsAt: new Date(now + HOUR_MS).toISOString(),
        visibility: "public",
        scoring: { kind: "direct", operator: "set", direction: "higher" },
        ...fields,
      };
      const made = await call("/competitions", { body, token: accessToken }) as CompetitionRef;
      await call(`/competitions/${made.id}/publish`, { body: {}, token: accessToken });
      return made;
    },
    /** Registers a person and enters it. */
    async makeParticipant({ id }: CompetitionRef, name: string): Promise<Participant> {
      const email = `${name.toLowerCase().replaceAll(" ", ".")}@example.org`;
      const body = { email, name, password: PASSWORD };
      const person = await call("/auth/register", { body }) as {
        accessToken: string;
        user: { id: string };
      };
      await call(`/competitions/${id}/join`, { body: {}, token: person.accessToken });
      return { userId: person.user.id, token: person.accessToken };
    },
    /** Sends a score for somebody, as an admin may. */
    async score({ id }: CompetitionRef, { userId }: Participant, score: number): Promise<void> {
      const body = { competitionId: id, userId, score };
      await call("/leaderboard/update", { body, token: accessToken });
    },
    /** Uploads a device file as its athlete. */
    async upload({ token }: Participant, path: string): Promise<void> {
      const form = new FormData();
      form.append("file", new Blob([await Deno.readFile(path)]), path.split("/").at(-1)!);
      await call("/fitness/import", { form, token });
    },
  };
}

function caller(url: string) {
  return async (path: string, { body, form, token }: Call): Promise<unknown> => {
    const headers = new Headers(token ? { authorization: `Bearer ${token}` } : {});
    if (form === undefined) headers.set("content-type", "application/json");
    const init = { method: "POST", headers, body: form ?? JSON.stringify(body) };
    const res = await fetch(`${url}/api/v1${path}`, init);
    const answer = await res.json();
    if (!res.ok) throw new Error(`Cannot POST ${path}: ${JSON.stringify(answer.error)}`);
    return answer.data;
  };
}
