/** The broker of nodes in one process: of the only node, and of several in a test. */

import type { Broker, Topic, TopicListener } from "./broker.ts";

/** Nodes that hear each other within this process. */
export interface LocalBrokers {
  /** One more node. */
  join(): Broker;
}

/** How messages travel. */
export interface LocalBrokersOptions {
  /** Brings a message over: at once, later, twice, or never. Default: in a microtask. */
  carry?: (deliver: () => void) => void;
}

/** What arrives for a key of a topic, as the text that would cross a network. */
interface LocalListener {
  node: symbol;
  heard(text: string): void;
}

/** Makes a network without nodes. */
export function createLocalBrokers(options: LocalBrokersOptions = {}): LocalBrokers {
  const { carry = queueMicrotask } = options;
  const listeners = new Map<string, Set<LocalListener>>();
  return { join: () => join(listeners, carry) };
}

/** The broker of a node that is alone: nobody hears it. */
export function createLonelyBroker(): Broker {
  return createLocalBrokers().join();
}

function join(
  listeners: Map<string, Set<LocalListener>>,
  carry: (deliver: () => void) => void,
): Broker {
  const node = Symbol("node");
  return {
    publish(topic, key, message) {
      const name = `${topic.name}:${key}`;
      const others = [...listeners.get(name) ?? []].filter((each) => each.node !== node);
      if (others.length === 0) return;
      const text = JSON.stringify(message);
      for (const other of others) {
        carry(() => {
          if (listeners.get(name)?.has(other)) other.heard(text);
        });
      }
    },
    subscribe(topic, key, listener) {
      const name = `${topic.name}:${key}`;
      const own = { node, heard: (text: string) => hear(topic, listener, text) };
      listeners.set(name, (listeners.get(name) ?? new Set()).add(own));
      return () => {
        const others = listeners.get(name);
        others?.delete(own);
        if (others?.size === 0) listeners.delete(name);
      };
    },
    [Symbol.dispose]() {
      for (const [name, all] of listeners) {
        for (const each of all) if (each.node === node) all.delete(each);
        if (all.size === 0) listeners.delete(name);
      }
    },
  };
}

function hear<Message>(
  { schema }: Topic<Message>,
  listener: TopicListener<Message>,
  text: string,
): void {
  const parsed = schema.safeParse(JSON.parse(text));
  if (parsed.success) listener.heard(parsed.data);
}
