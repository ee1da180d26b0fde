/** The product's API as an app uses it, to bring about what pages then show. */

/** A competition by its names. */
export interface CompetitionRef {
  id: string;
  slug: string;
}

const HOUR_MS = 3_600_000;
const PASSWORD = "quiet-lantern-42-harbour";

/** Signs in and gives the calls that tests need. */
export async function createApi(url: string, admin: { email: string; password: string }) {
  const call = caller(url);
  const { accessToken } = await call("/auth/login", { body: admin }) as { accessToken: string };
  return {
    /** A published competition of direct scores that is under way. */
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
    /** Registers a person and enters it; gives the user's id. */
    async makeParticipant({ id }: CompetitionRef, name: string): Promise<string> {
      const email = `${name.toLowerCase().replaceAll(" ", ".")}@example.org`;
      const body = { email, name, password: PASSWORD };
      const person = await call("/auth/register", { body }) as {
        accessToken: string;
        user: { id: string };
      };
      await call(`/competitions/${id}/join`, { body: {}, token: person.accessToken });
      return person.user.id;
    },
    /** Sends a score for somebody, as an admin may. */
    async score({ id }: CompetitionRef, userId: string, score: number): Promise<void> {
      const body = { competitionId: id, userId, score };
      await call("/leaderboard/update", { body, token: accessToken });
    },
  };
}

function caller(url: string) {
  return async (path: string, { body, token }: { body: unknown; token?: string }) => {
    const res = await fetch(`${url}/api/v1${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify(body),
    });
    const answer = await res.json();
    if (!res.ok) throw new Error(`Cannot POST ${path}: ${JSON.stringify(answer.error)}`);
    return answer.data as unknown;
  };
}
