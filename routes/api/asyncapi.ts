/** The AsyncAPI 3.0 document of the socket, made from the frame schemas that both sides use. */

import { z } from "zod";
import { CLOSE_HELP } from "@/contracts/close_help.ts";
import { CLIENT_FRAME_SAMPLES, SERVER_FRAME_SAMPLES } from "@/contracts/frame_samples.ts";
import { ClientFrame, CLOSE_CODES, ServerFrame, StreamQuery } from "@/contracts/leaderboard.ts";
import { VERSION } from "@/platform/version.ts";
import { type ComponentSchema, componentsOf } from "./json_schemas.ts";

const CHANNEL = "#/channels/board";

/** Makes the document. */
export function socketDocument() {
  const server = componentsOf(ServerFrame);
  const client = componentsOf(ClientFrame);
  const sent = messagesOf(server.ServerFrame, SERVER_FRAME_SAMPLES);
  const received = messagesOf(client.ClientFrame, CLIENT_FRAME_SAMPLES);
  const messages = { ...sent, ...received };
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Paceboard live boards",
      version: VERSION,
      description: "A board as it moves: a snapshot first, then what changed. See /docs/socket.",
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    defaultContentType: "application/json",
    channels: { board: channel(messages) },
    operations: {
      // AsyncAPI speaks from the server's side: it sends to clients and receives from them.
      pushBoard: operation("send", "The server pushes the board", sent),
      askBoard: operation("receive", "A client asks for a window or what it missed", received),
    },
    components: { messages, schemas: { ...server, ...client } },
    "x-close-codes": closeCodes(),
  };
}

interface Message {
  name: string;
  title: string;
  summary: string;
  payload: ComponentSchema;
  examples: { payload: object }[];
}

/** One message for each kind of frame. */
function messagesOf(
  union: ComponentSchema | undefined,
  samples: Record<string, object>,
): Record<string, Message> {
  const messages = (union?.oneOf ?? []).map((payload): Message => {
    const name = String(payload.properties?.type?.const);
    const examples = samples[name] ? [{ payload: samples[name] }] : [];
    return { name, title: name, summary: payload.description ?? name, payload, examples };
  });
  return Object.fromEntries(messages.map((message) => [message.name, message]));
}

function channel(messages: Record<string, Message>) {
  const refs = Object.keys(messages).map((name) => {
    return [name, { $ref: `#/components/messages/${name}` }];
  });
  return {
    address: "/ws/leaderboard/{competitionId}",
    title: "One board",
    parameters: { competitionId: { description: "Id or slug of the competition" } },
    messages: Object.fromEntries(refs),
    bindings: { ws: { method: "GET", query: z.toJSONSchema(StreamQuery, { io: "input" }) } },
  };
}

function operation(action: "send" | "receive", summary: string, messages: Record<string, Message>) {
  const refs = Object.keys(messages).map((name) => ({ $ref: `${CHANNEL}/messages/${name}` }));
  return { action, summary, channel: { $ref: CHANNEL }, messages: refs };
}

function closeCodes() {
  return Object.entries(CLOSE_CODES).map(([name, code]) => {
    return { code, name, ...CLOSE_HELP[name as keyof typeof CLOSE_CODES] };
  });
}
