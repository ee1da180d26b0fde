/** Connected providers of activity. */

import { z } from "zod";
import { Instant } from "./envelope.ts";

export const CONNECTED_PROVIDERS = ["strava", "google_fit"] as const;
export const ConnectedProvider = z.enum(CONNECTED_PROVIDERS).meta({
  id: "ConnectedProvider",
  description: "A provider whose cloud can be connected",
});
export type ConnectedProvider = z.infer<typeof ConnectedProvider>;

export const ConnectionStatus = z.enum(["active", "needs_reconnect"]).meta({
  id: "ConnectionStatus",
  description: "`needs_reconnect`: the access ended or was taken back; connect again",
});

export const Connection = z.object({
  provider: ConnectedProvider.describe("Whose cloud"),
  title: z.string().meta({ description: "What people call it", example: "Strava" }),
  isAvailable: z.boolean().meta({
    description: "Whether this server is set up for it, so that it can be connected",
    example: true,
  }),
  status: ConnectionStatus.nullable().describe("Null: not connected"),
  scopes: z.array(z.string()).meta({
    description: "What the person agreed to",
    example: ["activity:read"],
  }),
  connectedAt: Instant.nullable().describe("When it was connected"),
  lastPullAt: Instant.nullable().describe("When everything there was last fetched"),
  nextPullAt: Instant.nullable().describe("When it is fetched again, at the earliest"),
  fault: z.string().nullable().meta({
    description: "Why the last fetch did not succeed",
    example: "quota",
  }),
}).meta({ id: "Connection", description: "A provider, and whether it is connected" });
export type Connection = z.infer<typeof Connection>;

export const ConnectionList = z.array(Connection).meta({
  description: "Every provider, connected or not",
});

export const ConnectionStart = z.object({
  authorizationUrl: z.string().meta({
    description: "Open it in the person's browser; good once, for ten minutes",
    example: "https://www.strava.com/oauth/authorize?client_id=1&response_type=code",
  }),
  expiresAt: Instant.describe("Until when it is good"),
}).meta({ id: "ConnectionStart", description: "Where the person agrees" });
export type ConnectionStart = z.infer<typeof ConnectionStart>;

/** Longer codes and states are nobody's. */
const PARAMETER_LENGTH_MAX = 2048;
const parameter = (description: string) =>
  z.string().max(PARAMETER_LENGTH_MAX).optional().meta({ description });

export const ConnectionCallback = z.object({
  state: parameter("What the authorization URL carried"),
  code: parameter("The provider's code, good once"),
  scope: parameter("What the person agreed to, where the provider says so here"),
  error: parameter("Why there is no code, e.g. `access_denied`"),
});
export type ConnectionCallback = z.infer<typeof ConnectionCallback>;

/** An event of Strava's push subscription; only what is read. */
export const StravaEvent = z.object({
  object_type: z.enum(["activity", "athlete"]).meta({
    description: "What it is about",
    example: "activity",
  }),
  object_id: z.int().min(0).meta({ description: "Id of the activity or athlete", example: 118 }),
  aspect_type: z.enum(["create", "update", "delete"]).meta({
    description: "What happened",
    example: "create",
  }),
  owner_id: z.int().min(0).meta({ description: "Id of the athlete", example: 71 }),
  updates: z.record(z.string(), z.unknown()).optional().meta({
    description: "What changed; `authorized: false` says that the athlete took the access back",
    example: {},
  }),
}).meta({ id: "StravaEvent", description: "Something that happened at Strava" });
export type StravaEvent = z.infer<typeof StravaEvent>;

export const StravaReceipt = z.object({
  received: z.literal(true).meta({ description: "Always true", example: true }),
}).meta({ id: "StravaReceipt", description: "An event was noted" });

export const StravaChallenge = z.object({
  "hub.mode": z.literal("subscribe").meta({ description: "Always `subscribe`" }),
  "hub.challenge": z.string().min(1).max(500).meta({ description: "To be answered as it is" }),
  "hub.verify_token": z.string().max(500).meta({ description: "The operator's own token" }),
});

export const StravaChallengeAnswer = z.object({
  "hub.challenge": z.string().meta({ description: "The same again", example: "15f7d1a91c1f40f8" }),
}).meta({ id: "StravaChallengeAnswer", description: "Proof that the address is ours" });
