/** The nightly look at the books: its outcome in the metrics, and in the log when they are not true. */

import { DomainError } from "@/domain/error.ts";
import type { Clock } from "@/platform/clock.ts";
import { getLog } from "@/platform/log.ts";
import type { Metrics } from "@/platform/metrics.ts";
import type { BooksService } from "./books.ts";

export interface BooksAlertDeps {
  books: Pick<BooksService, "checkBooks">;
  clock: Clock;
  metrics: Pick<Metrics, "booksBalanced" | "booksCheckedAt">;
}

/** Checks the books and at the last try tells whoever watches. Fails when they are not true, so that the job shows it too. */
export async function checkBooksAloud(
  { books, clock, metrics }: BooksAlertDeps,
  { isLastAttempt }: { isLastAttempt: boolean },
): Promise<void> {
  try {
    await books.checkBooks();
  } catch (error) {
    // That they could not be read says nothing about them.
    const isFalse = error instanceof DomainError && error.code === "CONFLICT";
    if (isFalse && isLastAttempt) {
      tell({ clock, metrics }, false);
      getLog("money").error("The books are not true", { facts: error.cause });
    }
    throw error;
  }
  tell({ clock, metrics }, true);
}

function tell({ clock, metrics }: Omit<BooksAlertDeps, "books">, isBalanced: boolean): void {
  metrics.booksBalanced.set(isBalanced ? 1 : 0);
  metrics.booksCheckedAt.set(Math.floor(clock.now() / 1000));
}
