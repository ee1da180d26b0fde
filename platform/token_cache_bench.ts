import { createAccessTokens } from "./jwt.ts";
import { createTokenCache, type TokenCache } from "./token_cache.ts";
import { systemClock } from "./clock.ts";
import type { VerifiedToken } from "./jwt.ts";

const tokens = createAccessTokens({
  secrets: ["a secret of the benchmark, 32 characters"],
  issuer: "bench",
  audience: "bench",
  ttlMs: 900_000,
  clock: systemClock,
});
const token = await tokens.sign({ userId: "u", sessionId: "s", role: "member" });
const cache: TokenCache<VerifiedToken> = createTokenCache({ clock: systemClock });
cache.set(token, await tokens.verify(token));

Deno.bench("an access token verified each time", { group: "token", baseline: true }, async () => {
  await tokens.verify(token);
});

Deno.bench("an access token from the cache", { group: "token" }, () => {
  cache.get(token);
});
