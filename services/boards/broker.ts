/**
 * What nodes tell each other. Nothing rests on it: a message may be lost, late, doubled or out of
 * order, and whoever listens must find the truth in the database then. It only makes nodes fast.
 *
 * A message goes to the other nodes that listen to its topic and key; the node that published it
 * does not hear it.
 *
 * @module
 */

import type { ZodType } from "zod";

/** A kind of message; what does not fit the schema is dropped. */
export interface Topic<Message> {
  /** Part of the channel's name and a label of metrics: `board`. */
  readonly name: string;
  readonly schema: ZodType<Message>;
}

/** Whoever listens to a topic under a key. */
export interface TopicListener<Message> {
  heard(message: Message): void;
  /** Messages may have been missed: listening has only begun, or the connection was away. */
  missed?(): void;
}

/** The way to the other nodes. */
export interface Broker extends Disposable {
  /** Sends without waiting. Never throws; what cannot be sent is counted and lost. */
  publish<Message>(topic: Topic<Message>, key: string, message: Message): void;
  /** Listens until the returned function is called; connects by itself as often as it takes. */
  subscribe<Message>(
    topic: Topic<Message>,
    key: string,
    listener: TopicListener<Message>,
  ): () => void;
}

/** What became of a message, for the metrics. */
export type MessageOutcome = "sent" | "failed" | "dropped" | "heard" | "bad";
