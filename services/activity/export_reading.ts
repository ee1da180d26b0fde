/** The worker that reads an export, as a sequence of what it tells. */

import type { ExportNews, ExportOrder } from "./export_worker.ts";

/**
 * Reads a file in a worker of its own. A batch is let go of when the next one is asked for. Ends
 * with the worker; throws when that breaks or the signal aborts.
 */
export async function* readExport(
  order: Exclude<ExportOrder, "stored">,
  signal: AbortSignal,
): AsyncGenerator<ExportNews> {
  const worker = new Worker(import.meta.resolve("./export_worker.ts"), { type: "module" });
  const inbox = new Inbox();
  worker.onmessage = ({ data }: MessageEvent<ExportNews>) => inbox.put(data);
  worker.onerror = (event) => {
    event.preventDefault();
    inbox.fail(new Error(`Cannot read the export: ${event.message}`));
  };
  const stop = () => inbox.fail(new Error("Cannot read the export: the node stops"));
  signal.addEventListener("abort", stop);
  try {
    worker.postMessage(order satisfies ExportOrder);
    for (;;) {
      const news = await inbox.take();
      yield news;
      if (news.kind === "end") return;
      worker.postMessage("stored" satisfies ExportOrder);
    }
  } finally {
    signal.removeEventListener("abort", stop);
    worker.terminate();
  }
}

/** What arrived and was not taken yet; the worker sends no more than a few ahead. */
class Inbox {
  readonly #news: ExportNews[] = [];
  #error: Error | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;

  put(news: ExportNews): void {
    this.#news.push(news);
    this.#waiting?.resolve();
  }

  fail(error: Error): void {
    this.#error ??= error;
    this.#waiting?.resolve();
  }

  async take(): Promise<ExportNews> {
    for (;;) {
      if (this.#error) throw this.#error;
      const news = this.#news.shift();
      if (news) return news;
      this.#waiting = Promise.withResolvers();
      await this.#waiting.promise;
    }
  }
}
